import type { ChildProcess } from "node:child_process";
import { Refusal } from "../../platform/util/errors.ts";

export interface JsonReaderOptions {
  /** Starts a script of this project as a process of its own, with pipes for standard input and output. */
  startScript: (file: URL) => ChildProcess;
  /** How long one document may take. */
  deadlineMs?: number;
  /** Documents that may wait for their turn. */
  maxWaiting?: number;
  /** After so long without work the process, and its memory, go. */
  idleMs?: number;
}

/** The process' own start is not the document's fault, and takes long on a busy machine. */
const startDeadlineMs = 30_000;

/**
 * Turns documents into JSON, one at a time, in a process of its own.
 *
 * Whoever can write to a document can make reading its content take as long as they like: Yjs compares
 * what was inserted at one place with all else that was, so that 90 KB take 11 s of a processor. A process
 * can be ended, and the server and its other clients notice nothing. A thread can't, on Deno 2.9: it goes on
 * running after `terminate`.
 */
export function createJsonReader(options: JsonReaderOptions) {
  const { startScript, deadlineMs = 2000, maxWaiting = 32, idleMs = 10_000 } = options;
  let child: ChildProcess | undefined;
  let idleTimer: NodeJS.Timeout | undefined;
  let turn: Promise<unknown> = Promise.resolve();
  let waiting = 0;

  function end(): void {
    clearTimeout(idleTimer);
    child?.kill("SIGKILL");
    child = undefined;
  }

  async function start(): Promise<ChildProcess> {
    const started = startScript(new URL("json-process.ts", import.meta.url));
    // It may end at any time; whoever waits then is told below.
    for (const part of [started, started.stdin]) part?.on("error", () => undefined);
    child = started;
    await receive(started, startDeadlineMs, "unavailable");
    return started;
  }

  async function convert(update: Uint8Array): Promise<string> {
    clearTimeout(idleTimer);
    try {
      const json = await ask(child ?? (await start()), update, deadlineMs);
      if (json === "")
        throw new Refusal("invalid", "this document holds what can't be shown as JSON; ask for its binary");
      return json;
    } catch (error) {
      if (!(error instanceof Refusal && error.code === "invalid")) end();
      throw error;
    } finally {
      idleTimer = setTimeout(end, idleMs);
      idleTimer.unref();
    }
  }

  return {
    /**
     * @throws {Refusal} `too_large` when it takes too long, `invalid` when it is no JSON, `overloaded`,
     * `unavailable`.
     */
    async read(update: Uint8Array): Promise<string> {
      if (waiting >= maxWaiting)
        throw new Refusal("overloaded", "too many documents wait to be shown as JSON");
      waiting += 1;
      const converting = turn.then(() => convert(update)).finally(() => (waiting -= 1));
      turn = converting.catch(() => undefined);
      return converting;
    },
    close: end,
  };
}

async function ask(child: ChildProcess, update: Uint8Array, deadlineMs: number): Promise<string> {
  const header = Buffer.alloc(4);
  header.writeUInt32BE(update.length);
  const answer = receive(child, deadlineMs, "too_large");
  child.stdin?.write(header);
  child.stdin?.write(update);
  return answer;
}

const problems = {
  unavailable: "this document could not be shown; try again",
  too_large: "this document takes too long to be shown as JSON; ask for its binary",
};

/** The next text that the process sends; a refusal with `late` when it takes too long. */
async function receive(
  { stdout }: ChildProcess,
  deadlineMs: number,
  late: keyof typeof problems,
): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const refuse = (code: keyof typeof problems) => reject(new Refusal(code, problems[code]));
  const chunks: Buffer[] = [];
  let bytes = 0;
  function onData(chunk: Buffer): void {
    chunks.push(chunk);
    bytes += chunk.length;
    const [first = chunk] = chunks;
    // A header in pieces is put together with the next; all else once, at the end.
    if (first.length < 4 && chunks.length > 1) chunks.splice(0, chunks.length, Buffer.concat(chunks));
    const header = chunks[0];
    if (!header || header.length < 4 || bytes < 4 + header.readUInt32BE(0)) return;
    resolve(Buffer.concat(chunks).toString("utf8", 4));
  }
  const onEnd = () => refuse("unavailable");
  const timer = setTimeout(() => refuse(late), deadlineMs);
  stdout?.on("data", onData).on("close", onEnd);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    stdout?.off("data", onData).off("close", onEnd);
  }
}
