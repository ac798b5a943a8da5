import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { start } from "../../deploy/local/process.ts";
import { root, runtimeCommand, runtimes } from "../../deploy/local/replica.ts";
import { useServer } from "../support/server.ts";
import { groupTimeoutMs } from "../support/timeout.ts";
import { apiKey, authSecret } from "../support/tokens.ts";
import { readFixtures } from "./fixture.ts";

const args = { node: [], bun: [], deno: ["run", "--allow-all", "--no-check"] };

for (const { about, clientFolder } of readFixtures())
  for (const runtime of runtimes)
    describe(`the client package of ${about.version}, on ${runtime}`, { timeout: groupTimeoutMs }, () => {
      const server = useServer(runtime, {
        AUTH_SECRET: authSecret,
        API_KEYS: apiKey,
        MAX_UPDATE_BYTES: "65536",
      });

      test("works with this version's server there", async () => {
        const check = await start({
          command: runtimeCommand(runtime),
          args: [...args[runtime], `${root}tests/upgrade/client-check.ts`, clientFolder, server().url],
          cwd: root,
        });
        const { code } = await check.exited;
        assert.equal(code, 0, check.output());
        assert.equal(check.output().match(/^\{"check":/gm)?.length, 9, check.output());
      });
    });
