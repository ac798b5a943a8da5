import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { start } from "../../deploy/local/process.ts";
import { root, runtimeCommand, runtimes } from "../../deploy/local/replica.ts";
import { useServer } from "../support/server.ts";
import { groupTimeoutMs } from "../support/timeout.ts";
import { apiKey, authSecret } from "../support/tokens.ts";
import { readFixtures } from "./fixture.ts";
import { entry } from "./member.ts";

const args = { node: [], bun: [], deno: ["run", "--allow-all", "--no-check"] };

export interface ClientCheck {
  /** What of the client package it checks. */
  what: string;
  /** A program in the repository, which is given the package's folder and a server's address, and calls `runChecks`. */
  program: string;
  /** So many checks it has. */
  checks: number;
  /** More variables of the server. */
  env?: Record<string, string>;
}

/** Client packages of all earlier versions against this version's server, both on each runtime. */
export function clientCheckSuite({ what, program, checks, env }: ClientCheck): void {
  for (const { about, clientFolder } of readFixtures())
    for (const runtime of runtimes)
      describe(`the client package of ${about.version}, on ${runtime}`, { timeout: groupTimeoutMs }, () => {
        const server = useServer(runtime, { AUTH_SECRET: authSecret, API_KEYS: apiKey, ...env }, entry);

        test(`${what} works with this version's server there`, async () => {
          const check = await start({
            command: runtimeCommand(runtime),
            args: [...args[runtime], root + program, clientFolder, server().url],
            cwd: root,
          });
          const { code } = await check.exited;
          assert.equal(code, 0, check.output());
          assert.equal(check.output().match(/^\{"check":/gm)?.length, checks, check.output());
        });
      });
}

/** Does checks in their order, and prints each that passed; ends with 1 at the first that does not. */
export async function runChecks(checks: Record<string, () => Promise<void>>): Promise<never> {
  for (const [name, check] of Object.entries(checks)) {
    await check();
    console.log(JSON.stringify({ check: name }));
  }
  process.exit(0);
}
