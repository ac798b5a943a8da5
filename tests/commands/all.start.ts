import assert from "node:assert/strict";
import { delimiter, join } from "node:path";
import { describe, test } from "node:test";
import { start, waitWhileRunning } from "../../deploy/local/process.ts";
import { root } from "../../deploy/local/replica.ts";
import { temporaryFolder } from "../support/folder.ts";
import { groupTimeoutMs } from "../support/timeout.ts";
import { ctrlC, waitUntilGone } from "./stopped.ts";

const commands = {
  "npm start": "node",
  "bun run start": "bun",
  "npx deno task start": "deno",
  "node src/main.ts": "node",
};

describe("commands that start a server", { timeout: groupTimeoutMs }, () => {
  const folder = temporaryFolder();
  // As in a shell of someone who has the pinned runtimes on the PATH.
  const path = `${join(root, "node_modules/.bin")}${delimiter}${process.env["PATH"]}`;

  for (const [index, [command, runtime]] of Object.entries(commands).entries()) {
    test(`${command} starts one on ${runtime}, and Ctrl-C stops it`, async () => {
      const [program = "", ...args] = command.split(" ");
      const env = {
        PATH: path,
        PORT: "0",
        HOST: "127.0.0.1",
        LOG_FORMAT: "json",
        DATA_FILE: join(folder, `${index}.sqlite`),
      };
      const child = await start({ command: program, args, cwd: root, env });
      const [, port, startedOn] = await waitWhileRunning(
        child,
        "it listens",
        () => /"port":(\d+).*"runtime":"(\w+)/.exec(child.output()),
        30_000,
      );
      const url = `http://127.0.0.1:${port}/readyz`;
      assert.equal((await fetch(url)).status, 200);
      assert.equal(startedOn, runtime);
      ctrlC(child);
      await child.exited;
      await waitUntilGone(url);
    });
  }
});
