import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { start, waitFor } from "../../../deploy/local/process.ts";
import { root, runtimeCommand, runtimes } from "../../../deploy/local/replica.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { runStep } from "../../support/run-step.ts";

describe("a step of the test command", () => {
  const folder = temporaryFolder();
  const run = (name: string, work: Parameters<typeof runStep>[0]["work"]) =>
    runStep({ name, isCore: true, needs: [], work }, folder);

  async function runFile(name: string, source: string, isOneProcess = false) {
    const file = join(folder, `${name}.ts`);
    writeFileSync(file, source);
    const other = join(folder, "other.ts");
    writeFileSync(other, 'import { test } from "node:test"; test("other", () => {});');
    // The errors that these files provoke are not errors of the step that runs this test.
    const outer = process.env["UNCAUGHT_ERRORS_FILE"];
    delete process.env["UNCAUGHT_ERRORS_FILE"];
    try {
      const { passed, failed, problem } = await run(name, {
        runtime: "node",
        files: isOneProcess ? [file, other] : [file],
        isOneProcess,
      });
      return { counts: [passed, failed], problem };
    } finally {
      if (outer !== undefined) process.env["UNCAUGHT_ERRORS_FILE"] = outer;
    }
  }

  test("that could not start has failed, and says why", async () => {
    const noProgram = await run("no program", { command: ["trimaran-no-such-program"] });
    assert.deepEqual([noProgram.passed, noProgram.failed], [0, 1]);
    assert.match(noProgram.problem, /trimaran-no-such-program/);
    const noFiles = await run("no files", { runtime: "node", files: ["tests/no-such-file.ts"] });
    assert.deepEqual([noFiles.passed, noFiles.failed], [0, 1]);
    assert.match(noFiles.problem, /no-such-file/);
  });

  test("whose file has no tests has failed", async () => {
    const { counts, problem } = await runFile("empty", "export {};");
    assert.deepEqual(counts, [0, 1]);
    assert.match(problem, /files without tests: .*empty\.ts/);
    const among = await runFile("empty", "export {};", true);
    assert.deepEqual(among.counts, [1, 1]);
    assert.match(among.problem, /files without tests: [^,]*empty\.ts/);
  });

  test("whose file can't be read shows the syntax error", async () => {
    const { counts, problem } = await runFile("syntax", "const a = ( => 1;");
    assert.equal(counts[0], 0);
    assert.match(problem, /SyntaxError/);
  });

  test("whose test ends the process with success has failed", async () => {
    const { counts, problem } = await runFile(
      "exit",
      `import { test } from "node:test";
      test("first", () => {});
      test("leaves", async () => { await new Promise(setImmediate); process.exit(0); });
      test("not reached", () => { throw new Error("lost"); });`,
    );
    assert.ok((counts[1] ?? 0) > 0, problem);
    assert.match(problem, /process\.exit\(0\) in a test file/);
  });
});

describe("a process that started others", () => {
  const folder = temporaryFolder();

  for (const runtime of runtimes)
    test(`leaves none behind after SIGTERM, on ${runtime}`, async () => {
      const program = join(folder, `${runtime}.mjs`);
      const url = JSON.stringify(new URL("../../../deploy/local/process.ts", import.meta.url).href);
      writeFileSync(
        program,
        `import { start } from ${url};
        console.log("started " + (await start({ command: "sleep", args: ["60"] })).pid + ".");
        setInterval(() => undefined, 1000);`,
      );
      const args = runtime === "deno" ? ["run", "--allow-all", `--config=${root}deno.json`] : [];
      const parent = await start({ command: runtimeCommand(runtime), args: [...args, program] });
      const pid = await waitFor("the child's pid", () => /started (\d+)\./.exec(parent.output())?.[1]);
      await parent.stop();
      await waitFor("the child's end", () => hasEnded(Number(pid)));
    });
});

/** An ended process that its new parent has not asked for yet still has its pid. */
async function hasEnded(pid: number): Promise<boolean> {
  const ps = await start({ command: "ps", args: ["-o", "stat=", "-p", String(pid)] });
  await ps.closed;
  return /^Z|^$/.test(ps.output().trim());
}
