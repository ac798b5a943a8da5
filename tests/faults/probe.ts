import { spawn } from "node:child_process";
import { once } from "node:events";
import { waitFor } from "../../deploy/local/process.ts";
import { runtimeCommand } from "../../deploy/local/replica.ts";
import type { Round } from "./history.ts";
import { patienceMs } from "./scenario.ts";

/*
 * The machine's own pauses, measured beside a scenario by what does nothing else: a byte goes from this process, in
 * which the clients are, to a child and back, three times. That is about as many steps as a message takes (client,
 * balancer, replica, Redis, replica, balancer, client). Each time the child computes for 3 ms of CPU time, since a
 * process that only sleeps and wakes is never as late as one that works: beside four busy loops on two cores, messages
 * took 90 ms when a child without work was 16 ms late. A round begins when its timer was due. So a round is late when
 * this event loop was late, when the child had to wait for a core, or when the whole machine stood still.
 */

const trips = 3;
const workMs = 3;
/** Between rounds, so that the probe itself takes little: a fifth of a core. */
const pauseMs = 40;

const child = `
  process.stdin.on("data", (byte) => {
    const before = process.cpuUsage();
    for (;;) {
      const { user, system } = process.cpuUsage(before);
      if (user + system >= ${workMs * 1000}) break;
    }
    process.stdout.write(byte);
  });
`;

/** Adds rounds to `rounds` until it is stopped. */
export async function startProbe(rounds: Round[]): Promise<() => Promise<void>> {
  // Ends by itself when its input does, so also when this process is killed.
  const witness = spawn(runtimeCommand("node"), ["--eval", child], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  const { stdin, stdout } = witness;
  stdin.on("error", () => undefined);
  let from = performance.now();
  let left = 0;
  let timer: NodeJS.Timeout;

  function begin(): void {
    left = trips;
    stdin.write("x");
  }

  stdout.on("data", () => {
    left -= 1;
    if (left > 0) return void stdin.write("x");
    const to = performance.now();
    rounds.push({ from, to, lateMs: Math.max(0, to - from - trips * workMs) });
    from = to + pauseMs;
    timer = setTimeout(begin, pauseMs);
  });
  begin();
  // What its start takes says nothing of the machine.
  await waitFor("the probe's first round", () => rounds.pop(), patienceMs);

  return async () => {
    clearTimeout(timer);
    const exited = once(witness, "exit");
    stdin.end();
    await exited;
  };
}
