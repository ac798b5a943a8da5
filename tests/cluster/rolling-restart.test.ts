import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { start, waitFor } from "../../deploy/local/process.ts";
import { root, runtimeCommand } from "../../deploy/local/replica.ts";
import { newId } from "../support/sockets.ts";
import { useLoads } from "../support/loads.ts";
import { useMembers } from "../support/members.ts";
import { useCluster, waitForMode } from "../support/cluster.ts";
import { groupTimeoutMs } from "../support/timeout.ts";

const script = join(root, "deploy/rolling-restart.ts");

async function run(args: string[]): Promise<{ code: number | null; output: string }> {
  const child = await start({ command: runtimeCommand("node"), args: [script, ...args] });
  const { code } = await child.exited;
  return { code, output: child.output() };
}

describe("the rolling restart", { timeout: groupTimeoutMs }, () => {
  const cluster = useCluster();
  const { member } = useMembers();
  const startLoads = useLoads();
  const urls = () => cluster().replicas.flatMap(({ url }) => ["--url", url]);

  test("restarts all three under load, and nothing is lost", async () => {
    await waitForMode(cluster(), "cluster");
    const restarted: Promise<unknown>[] = [];
    let isSupervised = true;
    // Starts again what ends, as systemd does.
    const supervise = (index: number) => {
      const replica = cluster().replicas[index];
      if (!replica) return;
      writeFileSync(join(cluster().dir, `${replica.port}.pid`), String(replica.process.pid));
      restarted.push(
        replica.process.exited.then(() => (isSupervised ? cluster().restartReplica(index) : undefined)),
      );
    };
    for (const index of cluster().replicas.keys()) supervise(index);

    const load = await startLoads([cluster().url, cluster().url], newId());
    const room = newId();
    const members = [await member(cluster().url, room), await member(cluster().url, room)];
    const taken: Promise<void>[] = [];
    const saying = setInterval(() => {
      const count = taken.length;
      taken.push(members[count % 2]?.insist(String(count)) ?? Promise.resolve());
    }, 30);
    const command = `kill -TERM $(cat ${cluster().dir}/{port}.pid)`;
    const { code, output } = await run([...urls(), "--command", command]);
    clearInterval(saying);
    isSupervised = false;
    // What it did not restart will not end.
    assert.equal(code, 0, output);
    await Promise.all(restarted);
    assert.equal([...output.matchAll(/ is ready again, after /g)].length, 3);
    await Promise.all(taken);
    const all = taken.map((_, index) => String(index));
    for (const { heard } of members) {
      await waitFor("all is heard", () => heard.length >= all.length);
      assert.deepEqual(
        heard.toSorted((a, b) => Number(a) - Number(b)),
        all,
        "once each",
      );
    }
    await load.end();
  });

  test("stops at the first that is not ready in time, and names it", async () => {
    const { code, output } = await run([...urls(), "--command", "true", "--timeout-s", "1"]);
    assert.equal(code, 1);
    assert.match(output, /a new process did not happen in 1 s.*\n?No other replica was touched/);
    assert.equal([...output.matchAll(/ of 3: /g)].length, 1);
  });

  test("touches nothing while one is not ready, and says how it is called", async () => {
    const { code, output } = await run([...urls(), "--url", "http://127.0.0.1:1", "--command", "true"]);
    assert.equal(code, 1);
    assert.match(output, /127\.0\.0\.1:1 is not ready; nothing was restarted/);
    assert.match((await run(["--url", "nonsense"])).output, /--url nonsense: an address/);
    assert.match((await run([])).output, /--url: at least one replica/);
    assert.equal((await run(["--help"])).code, 0);
  });
});
