import type { LocalCluster } from "../cluster.ts";
import type { Action, ProcessState } from "./contract.ts";
import type { Journal } from "./journal.ts";
import { type Part, partsOf } from "./part.ts";

/** How long a part may take to end by itself before it is killed. */
const stopGraceMs = 8000;
const shownLines = 6;

/** Thrown for what can't be done to a part in the state it is in. */
export class ActionError extends Error {}

export type Parts = ReturnType<typeof createParts>;

/**
 * The cluster's processes, to be ended and started one by one. Every action may be asked for twice: the second
 * finds it done, or joins the first.
 */
export function createParts(cluster: LocalCluster, journal: Journal) {
  const list = partsOf(cluster);
  let isClosed = false;

  const processOf = (part: Part) => cluster.processes.get(part.name);

  function stateOf(part: Part): ProcessState {
    if (!processOf(part)?.isRunning()) return part.starting ? "starting" : "dead";
    if (part.isHung) return "hung";
    if (part.isStopping) return "stopping";
    return part.starting ? "starting" : "running";
  }

  /** Tells of the end of its process, whoever ended it. */
  function watch(part: Part): void {
    const process = processOf(part);
    if (!process || process === part.watched) return;
    part.watched = process;
    part.isHung = part.isStopping = part.isWanted = false;
    delete part.ended;
    void process.exited.then(({ code, signal }) => {
      if (isClosed || part.watched !== process) return;
      const how = signal ?? `exit code ${code}`;
      part.ended = { how, lastLines: process.output().trimEnd().split("\n").slice(-shownLines).join("\n") };
      const verb =
        signal === "SIGKILL" ? "was killed" : part.isWanted ? "stopped" : `ended by itself (${how})`;
      journal.add(`${part.label} ${verb}`, "bad");
    });
  }

  async function end(part: Part, isGraceful: boolean): Promise<void> {
    const process = processOf(part);
    if (!process?.isRunning()) return;
    part.isWanted = true;
    if (isGraceful && !part.isHung) {
      part.isStopping = true;
      await process.stop(stopGraceMs);
    } else {
      // It works on a process that is paused, too.
      process.kill("SIGKILL");
      await process.exited;
    }
    // Of one that was about to start the start has failed: it is over before another begins.
    await part.starting;
  }

  function start(part: Part): Promise<void> {
    part.starting ??= bring(part).finally(() => (part.starting = undefined));
    return part.starting;
  }

  async function bring(part: Part): Promise<void> {
    const since = performance.now();
    journal.add(`${part.label} is being started`);
    const answering = part.bring();
    try {
      await answering;
      const seconds = ((performance.now() - since) / 1000).toFixed(1);
      journal.add(`${part.label} is up after ${seconds} s`, "good");
    } catch (error) {
      // One that was killed meanwhile has been told of. One that runs may yet answer: Caddy does when a replica does.
      if (processOf(part)?.isRunning()) journal.add(`${part.label} runs and does not answer yet`, "bad");
      else if (!part.isWanted) journal.add(`${part.label} did not start: ${firstLine(error)}`, "bad");
    } finally {
      watch(part);
    }
  }

  async function restart(part: Part): Promise<void> {
    // Half started is as good as started anew.
    if (part.starting && !part.isHung) return part.starting;
    await end(part, true);
    await start(part);
  }

  function pause(part: Part, signal: "SIGSTOP" | "SIGCONT"): void {
    const isPause = signal === "SIGSTOP";
    if (part.isHung === isPause) return;
    processOf(part)?.kill(signal);
    part.isHung = isPause;
    journal.add(
      `${part.label} ${isPause ? "hangs: it is there and does nothing" : "goes on"}`,
      isPause ? "bad" : "good",
    );
  }

  async function perform(part: Part, action: Action): Promise<void> {
    watch(part);
    const state = stateOf(part);
    switch (action) {
      case "start":
        if (state === "running") return;
        if (state === "hung" || state === "stopping") await end(part, false);
        return start(part);
      case "restart":
        return restart(part);
      case "kill":
      case "stop":
        return end(part, action === "stop");
      case "hang":
      case "wake":
        if (state === "dead") throw new ActionError(`${part.label} does not run`);
        return pause(part, action === "hang" ? "SIGSTOP" : "SIGCONT");
    }
  }

  for (const part of list) watch(part);
  return {
    list: () =>
      list.map((part) => {
        watch(part);
        const { name, kind, label, port, ended } = part;
        const state = stateOf(part);
        return {
          name,
          kind,
          label,
          port,
          state,
          pid: processOf(part)?.pid ?? 0,
          ...(state === "dead" && ended && { ended }),
        };
      }),

    /** Resolves when it is done. @throws {ActionError} if there is no such part, or it can't be done to it now. */
    async act(name: string, action: Action): Promise<void> {
      const part = list.find((candidate) => candidate.name === name);
      if (!part) throw new ActionError(`no such part: ${name}`);
      if (isClosed) throw new ActionError("the cluster is being stopped");
      await perform(part, action);
    },

    /** From here on ends are nobody's news. */
    close(): void {
      isClosed = true;
    },
  };
}

function firstLine(error: unknown): string {
  return (error as Error).message.split("\n")[0] ?? "";
}
