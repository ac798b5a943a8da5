import * as Y from "yjs";
import { type TrimaranClient, connect } from "../../../src/client/index.ts";
import { DocumentProvider } from "../../../src/features/documents/client/index.ts";
import { waitFor } from "../../../deploy/local/process.ts";

/* A process of its own, so that what attackers do to theirs is not measured: two people who edit and chat all
 * the time. `bystanders.ts URL [OPTIONS]` writes a line of JSON for every line it reads. */

/** What two people saw since they were asked the last time. */
export interface Report {
  samples: number;
  p99Ms: number;
  maxMs: number;
  /** What is not as it would be without attackers. */
  damage: string[];
}

const documentId = `bystanders-${Math.random().toString(36).slice(2)}`;
/** So much they do during an attack, at least. */
const minSamples = 100;
/** What is typed is taken away again, so that the document stays small. */
const maxLetters = 200;

export interface BystanderOptions {
  /** People leave the server some of its time. */
  pauseMs: number;
  /** Of Ada and Grace, where the server asks for one. */
  tokens?: [string, string];
}

const [url = "", options = '{"pauseMs":4}'] = process.argv.slice(2);
const { pauseMs, tokens } = JSON.parse(options) as BystanderOptions;
const damage: string[] = [];
let latencies: number[] = [];

function person(name: string, token: string | undefined) {
  const socket: TrimaranClient = connect(url, {
    name,
    ...(token !== undefined && { token }),
    forceNew: true,
    transports: ["websocket"],
    extraHeaders: { "X-Forwarded-For": `198.51.100.${name.length}` },
  });
  const doc = new Y.Doc();
  const provider = new DocumentProvider(socket, documentId, doc);
  const heard: string[] = [];
  socket.on("disconnect", (reason) => damage.push(`${name} was disconnected: ${reason}`));
  socket.on("receive-message", ({ from, text, id }) => heard.push(`${from} ${id} ${text}`));
  provider.on("refused", (error) => damage.push(`${name} was refused: ${JSON.stringify(error)}`));
  return { name, socket, provider, heard, doc, own: doc.getText(name), expected: "" };
}

const people = [person("Ada", tokens?.[0]), person("Grace", tokens?.[1])] as const;
const said: string[] = [];

async function timed(action: () => Promise<unknown>): Promise<void> {
  const startedAt = performance.now();
  await action();
  latencies.push(performance.now() - startedAt);
}

/** One turn: a letter that the other sees, and a message that both hear. */
async function turn(index: number): Promise<void> {
  const [writer, reader] = index % 2 === 0 ? people : [people[1], people[0]];
  await timed(async () => {
    const letter = String.fromCodePoint(97 + (index % 26));
    writer.own.insert(writer.expected.length, letter);
    writer.expected += letter;
    const copy = reader.doc.getText(writer.name);
    await waitFor("the other sees the letter", () => copy.toString() === writer.expected, 60_000);
  });
  if (writer.expected.length > maxLetters) {
    writer.own.delete(0, writer.expected.length);
    writer.expected = "";
  }
  await timed(async () => {
    const id = `${index}`;
    said.push(`${writer.name} ${id} hello ${index}`);
    const reply = await writer.socket
      .timeout(60_000)
      .emitWithAck("send-message", { documentId, id, text: `hello ${index}` });
    if (!reply.ok) damage.push(`a message was refused: ${JSON.stringify(reply)}`);
  });
}

async function compare(): Promise<void> {
  for (const { name, own, expected, heard, doc, provider } of people) {
    if (own.toString() !== expected) damage.push(`${name}'s text is ${own.toString()}, not ${expected}`);
    if (doc.share.size !== people.length) damage.push(`the document has ${[...doc.share.keys()].join(", ")}`);
    await waitFor("all is saved", () => !provider.state.unsavedChanges, 60_000);
    await waitFor(`${name} heard all`, () => heard.length >= said.length, 60_000).catch(() => undefined);
    if (JSON.stringify(heard) !== JSON.stringify(said))
      damage.push(`${name} heard ${heard.length} messages of ${said.length}, or others`);
    heard.length = 0;
  }
  said.length = 0;
  const stored = new Y.Doc();
  const headers = { ...(tokens && { authorization: `Bearer ${tokens[0]}` }) };
  const response = await fetch(`${url}/api/documents/${documentId}`, { headers });
  Y.applyUpdate(stored, new Uint8Array(await response.arrayBuffer()));
  for (const { name, expected } of people)
    if (stored.getText(name).toString() !== expected)
      damage.push(`what is stored of ${name} is something else`);
}

async function report(): Promise<Report> {
  await compare();
  const sorted = latencies.toSorted((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.ceil(sorted.length * share) - 1] ?? 0);
  const result = { samples: sorted.length, p99Ms: at(0.99), maxMs: at(1), damage: damage.splice(0) };
  latencies = [];
  return result;
}

/** What is asked for: a `report` of enough samples, or of whatever there is, to start anew. */
const asked: string[] = [];
process.stdin.setEncoding("utf8").on("data", (text: string) => {
  asked.push(...text.split("\n").filter(Boolean));
});
process.stdin.on("end", () => process.exit(0));

for (const { name, provider } of people) await waitFor(`${name} is in sync`, () => provider.synced);
for (const { doc } of people) for (const { name } of people) doc.getText(name);
console.log("ready");
for (let index = 0; ; index += 1) {
  if (asked[0] === "anew" || (asked[0] === "report" && latencies.length >= minSamples)) {
    asked.shift();
    const told = await report().catch((error: unknown) => ({
      samples: 0,
      p99Ms: 0,
      maxMs: 0,
      damage: [String(error)],
    }));
    console.log(JSON.stringify(told));
  }
  await turn(index).catch((error: unknown) => damage.push(String(error)));
  await new Promise((resolve) => setTimeout(resolve, pauseMs));
}
