import assert from "node:assert/strict";
import { delimiter, join } from "node:path";
import { describe, test } from "node:test";
import { start, waitWhileRunning } from "../../deploy/local/process.ts";
import { root } from "../../deploy/local/replica.ts";
import { temporaryFolder } from "../support/folder.ts";
import { groupTimeoutMs } from "../support/timeout.ts";
import { ctrlC, waitUntilGone } from "./stopped.ts";

const clusters = [
  { args: [], runtimes: ["node", "bun", "deno"] },
  { args: ["--runtimes", "bun,bun,bun"], runtimes: ["bun", "bun", "bun"] },
];

describe("npm run cluster", { timeout: groupTimeoutMs }, () => {
  const folder = temporaryFolder();
  // As in a shell of someone who has the pinned runtimes on the PATH.
  const env = { PATH: `${join(root, "node_modules/.bin")}${delimiter}${process.env["PATH"]}` };

  for (const { args, runtimes } of clusters) {
    test(`${args.join(" ") || "without options"}: replicas on ${runtimes.join(", ")} at one URL, and Ctrl-C stops all of it`, async () => {
      const all = ["run", "cluster", "--", ...args, "--port", "0", "--dir", join(folder, runtimes.join("-"))];
      const child = await start({ command: "npm", args: all, cwd: root, env });
      const urls = await waitWhileRunning(
        child,
        "it prints its URLs",
        () => {
          const found = [...child.output().matchAll(/http:\/\/[\w.]+:\d+/g)].map(String);
          return found.length >= 5 && found;
        },
        40_000,
      );
      const [balancer = "", controlRoom = "", ...replicas] = urls;
      assert.match(await (await fetch(controlRoom)).text(), /control room/);
      assert.equal((await fetch(`${balancer}/readyz`)).status, 200);
      const startedOn = await Promise.all(
        replicas.map(async (url) => {
          const { runtime } = (await (await fetch(`${url}/readyz`)).json()) as { runtime: string };
          return runtime.split(" ")[0];
        }),
      );
      assert.deepEqual(startedOn, runtimes);
      ctrlC(child);
      await child.exited;
      for (const url of urls) await waitUntilGone(`${url}/livez`);
    });
  }
});
