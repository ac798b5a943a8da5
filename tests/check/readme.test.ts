import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { describe, test } from "node:test";
import { type Process, start, waitFor, waitWhileRunning } from "../../deploy/local/process.ts";
import { root, runtimeCommand } from "../../deploy/local/replica.ts";
import { temporaryFolder } from "../support/folder.ts";
import { groupTimeoutMs } from "../support/timeout.ts";

const read = (file: string) => readFileSync(join(root, file), "utf8");

/** Commands as the README shows them: in its first block, and in the table's first column. */
function readmeCommands(): string[] {
  const text = read("README.md");
  const block = /```sh\n([\s\S]*?)```/.exec(text)?.[1] ?? "";
  const fromBlock = block.split("\n").map((line) => line.replace(/#.*/, "").trim());
  const fromTable = [...text.matchAll(/^\| `((?:npm|npx|bun|node) [^`]+)` \|/gm)].map(
    (match) => match[1] ?? "",
  );
  return [...fromBlock, ...fromTable].filter(Boolean);
}

/** What runs each of them in CI: a test below, or the CI script itself. */
const servers = ["npm start", "bun run start", "npx deno task start", "node src/main.ts"];
const clusters = ["npm run cluster", "npm run cluster -- --runtimes bun,bun,bun"];
const byScript = [
  "npm install && npm start",
  "npm install && npm test",
  "npm run check",
  "bun test --timeout 240000",
];
const byHelp = [
  "npm test -- --only cluster",
  "npm run test:faults -- --ci",
  "npm run test:security",
  "npm run bench",
];

/** Each has tests of its own: tests/client, tests/examples, tests/check/sizing. */
const byTests = [
  "npm run build:client",
  "npm run example -- codemirror",
  "npm run capacity -- --url http://localhost:3000",
];

/** As a terminal does it: to the whole foreground process group. */
function ctrlC({ pid }: Process): void {
  process.kill(-pid, "SIGINT");
}

describe("README", { timeout: groupTimeoutMs }, () => {
  const folder = temporaryFolder();
  // As in a shell of someone who has the pinned runtimes on the PATH.
  const env = { PATH: `${join(root, "node_modules/.bin")}${delimiter}${process.env["PATH"]}` };

  test("shows no command that CI does not run", () => {
    assert.deepEqual(
      readmeCommands().toSorted(),
      [...servers, ...clusters, ...byScript, ...byHelp, ...byTests].toSorted(),
    );
    const script = read(".ci/run");
    for (const command of ["npm install", "npm run check", "npm test"])
      assert.ok(script.includes(`\n${command}`), command);
  });

  for (const [index, command] of servers.entries()) {
    test(`${command} starts a server, and Ctrl-C stops it`, async () => {
      const [program = "", ...args] = command.split(" ");
      const dataFile = join(folder, `${index}.sqlite`);
      const child = await start({
        command: program,
        args,
        cwd: root,
        env: { ...env, PORT: "0", HOST: "127.0.0.1", LOG_FORMAT: "json", DATA_FILE: dataFile },
      });
      const line = await waitWhileRunning(
        child,
        "it listens",
        () => /"port":(\d+).*"runtime":"(\w+)/.exec(child.output()),
        30_000,
      );
      const url = `http://127.0.0.1:${line[1]}/readyz`;
      assert.equal((await fetch(url)).status, 200);
      const expected = /bun|deno/.exec(command)?.[0] ?? "node";
      assert.equal(line[2], expected);
      ctrlC(child);
      await child.exited;
      await waitFor("nothing listens any more", () =>
        fetch(url).then(
          () => false,
          () => true,
        ),
      );
    });
  }

  for (const [index, command] of clusters.entries()) {
    test(`${command} gives three replicas at one URL, and Ctrl-C stops all of it`, async () => {
      const [program = "", ...args] = command.split(" ");
      const more = [
        ...(args.includes("--") ? [] : ["--"]),
        "--port",
        "0",
        "--dir",
        join(folder, `cluster-${index}`),
      ];
      const child = await start({ command: program, args: [...args, ...more], cwd: root, env });
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
      const runtimes = await Promise.all(
        replicas.map(
          async (url) =>
            ((await (await fetch(`${url}/readyz`)).json()) as { runtime: string }).runtime.split(" ")[0],
        ),
      );
      assert.deepEqual(
        runtimes,
        command.includes("bun,bun,bun") ? ["bun", "bun", "bun"] : ["node", "bun", "deno"],
      );
      ctrlC(child);
      await child.exited;
      for (const url of urls)
        await waitFor(`${url} is gone`, () =>
          fetch(`${url}/livez`).then(
            () => false,
            () => true,
          ),
        );
    });
  }

  test("--help of the tests and the cluster says what there is", async () => {
    for (const args of [
      ["test", "--", "--help"],
      ["run", "cluster", "--", "--help"],
      ["run", "test:faults", "--", "--help"],
    ]) {
      const child = await start({ command: "npm", args, cwd: root, env });
      assert.equal((await child.exited).code, 0);
      assert.match(child.output(), /--help\s+this text/);
    }
  });

  test("without what they need commands say what that is, and --help needs none of it", async () => {
    // A PATH without programs: neither Redis nor something to install it with.
    const alone = { ...env, PATH: "" };
    const run = async (...args: string[]) => {
      const child = await start({ command: runtimeCommand("node"), args, cwd: root, env: alone });
      return { code: (await child.exited).code, output: child.output() };
    };
    for (const file of [
      "tests/run.ts",
      "tests/faults/main.ts",
      "tests/security/main.ts",
      "tests/bench/main.ts",
      "deploy/local/main.ts",
    ]) {
      const help = await run(file, "--help");
      assert.equal(help.code, 0, file);
      assert.doesNotMatch(help.output, /Not installed/);
      const { code, output } = await run(file);
      assert.equal(code, 1, file);
      assert.match(output, /Not installed here: .*caddy/);
      assert.doesNotMatch(output, /--help/, "nothing was wrong with how it was called");
    }
  });

  test("--only runs a part, and names the parts when there is no such", async () => {
    const child = await start({
      command: "npm",
      args: ["test", "--", "--only", "nonsense"],
      cwd: root,
      env,
    });
    assert.equal((await child.exited).code, 1);
    assert.match(child.output(), /there are: unit on node,/);
  });
});
