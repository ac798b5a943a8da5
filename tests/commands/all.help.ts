import assert from "node:assert/strict";
import { delimiter, join } from "node:path";
import { describe, test } from "node:test";
import { start } from "../../deploy/local/process.ts";
import { root, runtimeCommand } from "../../deploy/local/replica.ts";
import { groupTimeoutMs } from "../support/timeout.ts";

describe("how commands are called", { timeout: groupTimeoutMs }, () => {
  // As in a shell of someone who has the pinned runtimes on the PATH.
  const env = { PATH: `${join(root, "node_modules/.bin")}${delimiter}${process.env["PATH"]}` };

  async function run(command: string, args: string[], path = env.PATH) {
    const child = await start({ command, args, cwd: root, env: { PATH: path } });
    return { code: (await child.exited).code, output: child.output() };
  }

  for (const command of ["test", "start", "run cluster", "run test:faults", "run docs", "run build:client"]) {
    test(`npm ${command} -- --help lists the options`, async () => {
      const { code, output } = await run("npm", [...command.split(" "), "--", "--help"]);
      assert.equal(code, 0, output);
      assert.match(output, /--help\s+this text/);
    });
  }

  for (const file of [
    "tests/run.ts",
    "tests/faults/main.ts",
    "tests/security/main.ts",
    "tests/bench/main.ts",
    "deploy/local/main.ts",
  ]) {
    test(`${file} names the programs that it lacks, and --help needs none of them`, async () => {
      // A PATH without programs: neither Redis nor something to install it with.
      const help = await run(runtimeCommand("node"), [file, "--help"], "");
      assert.equal(help.code, 0, help.output);
      assert.doesNotMatch(help.output, /Not installed/);
      const { code, output } = await run(runtimeCommand("node"), [file], "");
      assert.equal(code, 1, output);
      assert.match(output, /Not installed here: .*caddy/);
      assert.doesNotMatch(output, /--help/, "nothing was wrong with how it was called");
    });
  }

  for (const command of ["start", "run build:client"])
    test(`npm ${command} refuses an option that it does not have`, async () => {
      const { code, output } = await run("npm", [...command.split(" "), "--", "--port"]);
      assert.equal(code, 1, output);
      assert.match(output, /--port[^]*--help\s+this text/);
    });

  test("npm test -- --only with a part that is not there names the parts", async () => {
    const { code, output } = await run("npm", ["test", "--", "--only", "nonsense"]);
    assert.equal(code, 1, output);
    assert.match(output, /there are: \w/);
  });
});
