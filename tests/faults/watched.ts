import type { Replica } from "../../deploy/local/replica.ts";

/** A replica whose output is read from start to end, though only its newest part is kept. */
export interface Watched extends Replica {
  /** The first line about an error that nothing caught, and what follows it: the stack. */
  uncaught: () => string | undefined;
  /** Lines of the log that have this text. */
  logged: (text: string) => string[];
}

const pattern = /unhandled|uncaught|error that nothing caught/i;
const stackChars = 2000;
/** Log lines that scenarios ask for. */
const asked = ["more was sent to rooms than is kept", "a client does not read"] as const;

/** To be called when the replica has just been started: its output so far is then all kept. */
export function watch(replica: Replica): Watched {
  const { child, output } = replica.process;
  let uncaught: string | undefined;
  const kept: string[] = [];

  function read(line: string): void {
    if (uncaught !== undefined) uncaught = `${uncaught}\n${line}`.slice(0, stackChars);
    else if (pattern.test(line)) uncaught = line.slice(0, stackChars);
    if (asked.some((text) => line.includes(text))) kept.push(line);
  }

  const before = output().split("\n");
  const unfinished = before.pop() ?? "";
  before.forEach(read);
  for (const [index, stream] of [child.stdout, child.stderr].entries()) {
    // What was unfinished is the log's, which alone is long enough to come in parts.
    let rest = index === 0 ? unfinished : "";
    stream?.on("data", (text: string) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      lines.forEach(read);
    });
    stream?.on("end", () => read(rest));
  }
  return {
    ...replica,
    uncaught: () => uncaught,
    logged: (text) => kept.filter((line) => line.includes(text)),
  };
}
