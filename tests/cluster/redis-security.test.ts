import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { waitFor } from "../../deploy/local/process.ts";
import { type Replica, root, runtimes, startReplica } from "../../deploy/local/replica.ts";
import { newId } from "../support/sockets.ts";
import { clusterView } from "../support/cluster.ts";
import { useLoads } from "../support/loads.ts";
import { useMembers } from "../support/members.ts";
import { temporaryFolder } from "../support/folder.ts";
import { type TlsRedis, createCertificates, startTlsRedis } from "../support/redis-tls.ts";
import { entryWithTalk } from "../support/server.ts";
import { groupTimeoutMs } from "../support/timeout.ts";

/** What of a server anybody can see. */
async function shown({ url, process }: Replica): Promise<string> {
  const pages = ["/metrics", "/readyz", "/api/cluster"].map(async (path) => (await fetch(url + path)).text());
  return [process.output(), ...(await Promise.all(pages))].join("\n");
}

interface Health {
  mode: string;
  redis: { configured: boolean; up: boolean };
}
const health = async (url: string) => (await (await fetch(`${url}/readyz`)).json()) as Health;

/** Two of these in a test's text would be found wherever they were. */
const password = "right:p@ss/w%rd-7f3a";
const wrongPassword = "wrong-pass-91c2d";

/** As an operator would copy it from the runbook. */
function aclFromRunbook(): string[] {
  const line = /^ACL SETUSER .*$/m.exec(readFileSync(join(root, "docs/operations/runbook.md"), "utf8"))?.[0];
  assert.ok(line, "the runbook has the ACL user");
  return line.replace("PASSWORD", password).split(" ");
}

describe("Redis over TLS, as a user with the least rights", { timeout: groupTimeoutMs }, () => {
  const folder = temporaryFolder();
  const { member, visible } = useMembers();
  const startLoads = useLoads();
  const replicas: Replica[] = [];
  let redis: TlsRedis | undefined;
  let address: Record<string, string> = {};

  async function replica(index: number, env: Record<string, string>): Promise<Replica> {
    const runtime = runtimes[index % 3] ?? "node";
    const name = `${runtime}-${replicas.length}`;
    const own = {
      NODE_ID: name,
      DATA_FILE: join(folder, `${name}.sqlite`),
      DRAIN_MS: "0",
      LOG_LEVEL: "trace",
    };
    const started = await startReplica({
      runtime,
      entry: entryWithTalk,
      env: { ...own, ...address, ...env },
    });
    replicas.push(started);
    return started;
  }

  before(async () => {
    const certificates = createCertificates(folder, "right");
    redis = await startTlsRedis(folder, certificates, "for the administrator");
    assert.equal(redis.admin(...aclFromRunbook()), "OK");
    address = { REDIS_HOST: "localhost", REDIS_PORT: String(redis.port), REDIS_TLS: "on" };
    Object.assign(address, { REDIS_USERNAME: "trimaran", REDIS_CA_FILE: certificates.ca });
  });
  after(async () => {
    await Promise.all(replicas.map(({ process }) => process.stop()));
    await redis?.process.stop();
  });

  test("three runtimes work together, by the parts and by REDIS_URL, and are refused nothing", async () => {
    const url = `rediss://trimaran:${encodeURIComponent(password)}@127.0.0.1:${redis?.port}`;
    const byUrl = { ...Object.fromEntries(Object.keys(address).map((key) => [key, ""])), REDIS_URL: url };
    const { REDIS_CA_FILE = "" } = address;
    const all = await Promise.all([
      replica(0, { REDIS_PASSWORD: password }),
      replica(1, { REDIS_PASSWORD: password }),
      replica(2, { ...byUrl, REDIS_CA_FILE }),
    ]);
    const id = newId();
    const load = await startLoads(
      all.map((each) => each.url),
      newId(),
    );
    const members = await Promise.all(all.map((each) => visible(each.url, id)));
    for (const { seen } of members) await waitFor("cluster mode", () => seen.mode === "cluster");
    for (const [index, { awareness, say }] of members.entries()) {
      awareness.setLocalState({ user: { name: String(index) } });
      await say(`by ${index}`);
    }
    for (const { heard, awareness } of members) {
      await waitFor("all is heard", () => heard.length === 3);
      await waitFor("each sees the others", () => awareness.getStates().size === 3);
    }
    // Read by the HTTP limiter and the list of replicas.
    for (const { url } of all)
      await waitFor("each lists all three", async () => (await clusterView(url)).replicas.length === 3);
    await load.end();
    for (const { close } of members) close();
    const gone = await replica(0, { REDIS_PASSWORD: password });
    await gone.process.stop();
    await waitFor("three are listed", () => redis?.admin("SCARD", "trimaran:replicas") === "3");
    for (const each of all) {
      assert.ok(!(await shown(each)).includes(password));
      assert.ok(!(await shown(each)).includes(encodeURIComponent(password)));
    }
    // Stopping needs rights, too: features end what they do when the last member leaves, and a replica its place.
    for (const { process } of all) await process.stop();
    assert.equal(redis?.admin("SCARD", "trimaran:replicas"), "0");
    assert.equal(redis?.admin("ACL", "LOG"), "");
  });

  for (const [index, runtime] of runtimes.entries()) {
    test(`${runtime}: a wrong password, or a certificate by another authority, is logged without a secret`, async () => {
      const { ca } = createCertificates(folder, `wrong-${runtime}`);
      const cases: [env: Record<string, string>, reason: RegExp][] = [
        [{ REDIS_PASSWORD: wrongPassword }, /WRONGPASS/],
        [{ REDIS_PASSWORD: password, REDIS_CA_FILE: ca }, /certificate|UnknownIssuer|unable to/i],
      ];
      for (const [env, reason] of cases) {
        const each = await replica(index, env);
        const logged = await waitFor("the reason is in the log", () =>
          [...each.process.output().matchAll(/"reason":"([^"]+)/g)].find(([, text = ""]) =>
            reason.test(text),
          ),
        );
        assert.ok(logged);
        const { mode, redis: link } = await health(each.url);
        assert.equal(mode, "degraded");
        assert.deepEqual(link, { configured: true, up: false });
        const { say, close } = await member(each.url, newId());
        assert.deepEqual(await say("works all the same"), { ok: true });
        close();
        for (const secret of [password, encodeURIComponent(password), wrongPassword])
          assert.ok(!(await shown(each)).includes(secret));
      }
    });
  }
});
