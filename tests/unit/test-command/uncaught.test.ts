import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { start } from "../../../deploy/local/process.ts";
import { root, runtimeCommand, runtimes } from "../../../deploy/local/replica.ts";
import { temporaryFolder } from "../../support/folder.ts";

const kinds = {
  rejection: 'void Promise.reject(new Error("of the rejection"));',
  exception: 'setTimeout(() => { throw new Error("of the exception"); });',
};
const source = (file: string) =>
  JSON.stringify(new URL(`../../../src/platform/observability/${file}`, import.meta.url).href);
/** As the server does: it goes on. */
const logged = (format: "json" | "pretty", kind: string) => `
  import { createLogger } from ${source("log.ts")};
  import { logUncaught } from ${source("uncaught.ts")};
  let count = 0;
  logUncaught({ log: await createLogger({ level: "info", format: "${format}" }), count: () => (count += 1) });
  ${kind}
  setTimeout(() => process.exit(count === 1 ? 0 : 1), 100);`;

/** The test command sets the variable for all that its steps start; here it is set for this file's processes. */
describe("errors that nothing caught in a process that tests start", () => {
  const folder = temporaryFolder();

  async function report(
    name: string,
    source: string,
    command: string,
    args: string[],
    expectedCode?: number,
  ): Promise<string> {
    const file = join(folder, `${name}.txt`);
    const program = join(folder, `${name}.mjs`);
    writeFileSync(program, source);
    writeFileSync(file, "");
    const before = process.env["UNCAUGHT_ERRORS_FILE"];
    process.env["UNCAUGHT_ERRORS_FILE"] = file;
    try {
      const child = await start({ command, args: [...args, program] });
      const { code } = await child.exited;
      if (expectedCode !== undefined) assert.equal(code, expectedCode, child.output());
      await child.closed;
    } finally {
      if (before === undefined) delete process.env["UNCAUGHT_ERRORS_FILE"];
      else process.env["UNCAUGHT_ERRORS_FILE"] = before;
    }
    return readFileSync(file, "utf8");
  }

  for (const runtime of runtimes) {
    const args = runtime === "deno" ? ["run", "--allow-all", `--config=${root}deno.json`] : [];
    for (const [kind, source] of Object.entries(kinds)) {
      test(`${kind} on ${runtime}: it is written down with its stack`, async () => {
        const text = await report(`${runtime}-${kind}`, source, runtimeCommand(runtime), args);
        assert.ok(text.includes(`of the ${kind}`), text);
        assert.match(text, new RegExp(`at .*${runtime}-${kind}\\.mjs`));
      });

      for (const format of ["json", "pretty"] as const) {
        test(`${kind} on ${runtime} that the server logs as ${format}: it is written down, and the process goes on`, async () => {
          const name = `${runtime}-${kind}-${format}`;
          const text = await report(name, logged(format, source), runtimeCommand(runtime), args, 0);
          assert.ok(text.includes(`of the ${kind}`), text);
          assert.match(text, new RegExp(`at .*${name}\\.mjs`));
        });
      }
    }

    test(`an end with an error code alone is none, on ${runtime}`, async () => {
      const source = 'console.error("Node.js v1 is not it"); process.exitCode = 1;';
      assert.equal(await report(`${runtime}-none`, source, runtimeCommand(runtime), args), "");
    });
  }
});
