import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { freePort } from "../../deploy/local/free-port.ts";
import { start, waitWhileRunning } from "../../deploy/local/process.ts";
import { root, runtimeCommand, runtimes } from "../../deploy/local/replica.ts";
import { type Image, buildWithoutEngine } from "../support/dockerfile.ts";
import { temporaryFolder } from "../support/folder.ts";
import { groupTimeoutMs } from "../support/timeout.ts";

/** Path and size of every file, to see that nothing was written. */
function listing(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => `${path} ${statSync(path).size} ${statSync(path).mtimeMs}`);
}

const megabytes = (folder: string) =>
  listing(folder).reduce((sum, line) => sum + Number(line.split(" ").at(-2)), 0) / 2 ** 20;

/** Sources and production's packages; with the packages of development it would be several hundred. */
const maxImageMb = 110;

describe("images, made without an engine", { timeout: groupTimeoutMs }, () => {
  const folder = temporaryFolder();
  let stages: Map<string, Image>;
  before(() => {
    stages = buildWithoutEngine(folder);
  });
  function imageOf(name: string): Image {
    const image = stages.get(name);
    assert.ok(image, `the Dockerfile has a target ${name}`);
    return image;
  }

  for (const runtime of runtimes) {
    test(`the one for ${runtime} starts with production's dependencies alone, and stops when told`, async () => {
      const image = imageOf(runtime);
      const app = join(image.folder, image.workdir);
      const before = listing(app);
      const port = await freePort();
      const [program = "", ...args] = image.command;
      const env = {
        ...image.env,
        HOST: "127.0.0.1",
        PORT: String(port),
        // What the image has as volume and as memory is here.
        DATA_FILE: join(folder, runtime, "trimaran.sqlite"),
        DENO_DIR: join(folder, "deno"),
        AUTH: "off",
      };
      assert.equal(program, runtime);
      const server = await start({ command: runtimeCommand(runtime), args, cwd: app, env });
      const url = `http://127.0.0.1:${port}`;
      await waitWhileRunning(server, "it is ready", () =>
        fetch(`${url}/readyz`).then(
          ({ ok }) => ok,
          () => false,
        ),
      );
      for (const path of [
        "/",
        "/docs",
        "/assets/page.js",
        "/assets/page.css",
        "/assets/docs.css",
        "/metrics",
      ])
        assert.equal((await fetch(url + path)).status, 200, path);
      const [probe = "", ...probeArgs] = image.healthcheck;
      assert.equal(probe, runtime);
      const check = (at: number) =>
        spawnSync(runtimeCommand(runtime), probeArgs, {
          cwd: app,
          env: { ...process.env, ...env, PORT: String(at) },
        }).status;
      assert.equal(check(port), 0, "healthy");
      assert.notEqual(check(await freePort()), 0, "not healthy where nothing listens");
      server.kill("SIGTERM");
      assert.equal((await server.exited).code, 0, server.output());
      assert.deepEqual(listing(app), before, "nothing is written beside the sources");
    });

    test(`the one for ${runtime} is nobody special's, with its documents in a volume`, () => {
      const { user, volumes, stopSignal, env } = imageOf(runtime);
      assert.match(user, /^[1-9]\d*:[1-9]\d*$/);
      assert.deepEqual(volumes, ["/data"]);
      assert.ok(env["DATA_FILE"]?.startsWith("/data/"));
      assert.equal(env["NODE_ENV"], "production");
      assert.equal(stopSignal, "SIGTERM");
    });
  }

  test("it does not start open to everybody", async () => {
    const image = imageOf("node");
    const env = { ...image.env, HOST: "127.0.0.1", PORT: "0", DATA_FILE: join(folder, "open.sqlite") };
    const app = join(image.folder, image.workdir);
    const server = await start({ command: runtimeCommand("node"), args: ["src/main.ts"], cwd: app, env });
    assert.equal((await server.exited).code, 1);
    assert.match(server.output(), /AUTH/);
  });

  test("runtimes are those of package.json, and no package came along that production does not need", () => {
    const { devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
      devDependencies: Record<string, string>;
    };
    for (const runtime of runtimes)
      assert.ok(imageOf(runtime).from.includes(devDependencies[runtime] ?? "?"), imageOf(runtime).from);
    const mb = megabytes(join(imageOf("node").folder, imageOf("node").workdir));
    assert.ok(mb < maxImageMb, `sources and packages are ${mb.toFixed(0)} MB`);
  });
});
