import { setTimeout as sleep } from "node:timers/promises";
import { createUsage, readOptions } from "../../deploy/local/cli.ts";
import { type TrimaranClient, connect } from "../../src/client/index.ts";
import type { talk } from "../support/talk/contract.ts";

const help = `How many people a server takes: more and more come, in rooms of ten, and each says something every few
seconds, until an acknowledgement in a hundred takes too long. Run it from machines of their own for a true answer;
on the server's own it measures the two together. The server's limits for one address hold for it, too: raise
MAX_CONNECTIONS, MAX_JOINED, CONNECT_RATE, EVENT_RATE, BYTE_RATE there.

  npm run capacity -- --url http://localhost:3000 --event NAME [options]

  --url URL          the server, or the balancer
  --event NAME       what each person sends: an event of a room, with \`id\` and \`text\`, as the chat's send-message
  --token TOKEN      for a server that wants one, with leave to write rooms capacity-*
  --step N           so many more at a time (default 250)
  --most N           where to stop (default 20000)
  --every-s N        each person speaks every so many seconds (default 5)
  --bound-ms N       the 99th percentile of acknowledgements that is too long (default 250)
  --hold-s N         how long each step is measured (default 10)
  --help             this text`;

const roomSize = 10;
const usage = createUsage(help);
const options = readOptions(help, {
  url: { type: "string" },
  event: { type: "string" },
  token: { type: "string" },
  step: { type: "string", default: "250" },
  most: { type: "string", default: "20000" },
  "every-s": { type: "string", default: "5" },
  "bound-ms": { type: "string", default: "250" },
  "hold-s": { type: "string", default: "10" },
});
const { url = usage("--url: which server?"), event = usage("--event: which event?"), token } = options;
function number(name: "step" | "most" | "every-s" | "bound-ms" | "hold-s"): number {
  const value = Number(options[name]);
  return value > 0 ? value : usage(`--${name} ${options[name]}: a number above 0`);
}
const [step, most, boundMs] = [number("step"), number("most"), number("bound-ms")];
const [everyMs, holdMs] = [number("every-s") * 1000, number("hold-s") * 1000];

const people: { socket: TrimaranClient<typeof talk>; timer: NodeJS.Timeout | undefined }[] = [];
let latenciesMs: number[] = [];
let failed = 0;

/** Resolves when this person is in a room. */
async function enter(index: number): Promise<void> {
  const socket = connect<typeof talk>(url, { forceNew: true, ...(token !== undefined && { token }) });
  const person: (typeof people)[number] = { socket, timer: undefined };
  people.push(person);
  const documentId = `capacity-${Math.floor(index / roomSize)}`;
  const reply = await socket.timeout(30_000).emitWithAck("join-document", { documentId });
  if (!reply.ok) throw new Error(`refused: ${reply.error.message}`);
  const speak = async () => {
    const sentAt = performance.now();
    const message = { documentId, id: `${index}-${sentAt}`, text: "x".repeat(100) };
    const said = await socket
      .timeout(30_000)
      // Of another feature, with the same fields.
      .emitWithAck(event as "say", message)
      .catch(() => undefined);
    if (!said?.ok) failed += 1;
    latenciesMs.push(performance.now() - sentAt);
  };
  // Not all at once.
  await sleep(Math.random() * 100);
  person.timer = setInterval(speak, everyMs * (0.8 + Math.random() * 0.4));
}

function percentile(sorted: number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

async function measure(): Promise<{ p99: number }> {
  latenciesMs = [];
  failed = 0;
  const before = process.cpuUsage();
  await sleep(holdMs);
  const { user, system } = process.cpuUsage(before);
  const own = (user + system) / 10 / holdMs;
  const sorted = latenciesMs.toSorted((a, b) => a - b);
  const [p50, p99] = [percentile(sorted, 0.5), percentile(sorted, 0.99)];
  console.log(
    `${String(people.length).padStart(6)} people  ${String(sorted.length).padStart(6)} messages` +
      `  p50 ${p50.toFixed(1)} ms  p99 ${p99.toFixed(1)} ms  failed ${failed}  this process ${own.toFixed(0)} % of a core`,
  );
  return { p99 };
}

let good = 0;
let reason = `reached --most ${most}`;
try {
  while (people.length < most) {
    const from = people.length;
    await Promise.all(Array.from({ length: Math.min(step, most - from) }, (_, index) => enter(from + index)));
    const { p99 } = await measure();
    if (p99 > boundMs || failed > 0) {
      reason = failed > 0 ? `${failed} messages failed` : `p99 was ${p99.toFixed(0)} ms`;
      break;
    }
    good = people.length;
  }
} catch (error) {
  reason = (error as Error).message;
}
console.log(`${good} people (${reason})`);
for (const { socket, timer } of people) {
  clearInterval(timer);
  socket.disconnect();
}
process.exitCode = good > 0 ? 0 : 1;
