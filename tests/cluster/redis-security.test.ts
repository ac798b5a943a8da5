import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { waitFor } from "../../deploy/local/process.ts";
import { type Replica, root, runtimes, startReplica } from "../../deploy/local/replica.ts";
import { newId, useClients, waitForConvergence } from "../support/clients.ts";
import { clusterView } from "../support/cluster.ts";
import { temporaryFolder } from "../support/folder.ts";
import { type TlsRedis, createCertificates, startTlsRedis } from "../support/redis-tls.ts";
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
  const line = /^ACL SETUSER .*$/m.exec(readFileSync(join(root, "deploy/runbook.md"), "utf8"))?.[0];
  assert.ok(line, "the runbook has the ACL user");
  return line.replace("PASSWORD", password).split(" ");
}

describe("Redis over TLS, as a user with the least rights", { timeout: groupTimeoutMs }, () => {
  const folder = temporaryFolder();
  const { person } = useClients();
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
    const started = await startReplica({ runtime, env: { ...own, ...address, ...env } });
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
    const people = await Promise.all(all.map((each) => person(each.url, id)));
    for (const { seen } of people) await waitFor("cluster mode", () => seen.mode === "cluster");
    for (let index = 0; index < 80; index += 1) for (const { text } of people) text.insert(0, "x");
    for (const [index, { socket, provider }] of people.entries()) {
      provider.awareness.setLocalState({ user: { name: String(index) } });
      await socket.emitWithAck("send-message", { documentId: id, id: String(index), text: `by ${index}` });
    }
    assert.equal((await waitForConvergence(people)).length, 240);
    for (const { messages, provider } of people) {
      await waitFor("everybody has all messages", () => messages.length === 3);
      await waitFor("and sees the others", () => provider.awareness.getStates().size === 3);
    }
    // Read by the HTTP limiter and the list of replicas; merging the log comes with the last to leave.
    for (const { url } of all)
      await waitFor("each lists all three", async () => (await clusterView(url)).replicas.length === 3);
    for (const { close } of people) close();
    await waitFor("the log is merged", () =>
      redis?.admin("HGET", `trimaran:doc:{${id}}:snapshot`, "through"),
    );
    // Stopping needs rights, too: it leaves the list at once.
    const gone = await replica(0, { REDIS_PASSWORD: password });
    await gone.process.stop();
    await waitFor("three are listed", () => redis?.admin("SCARD", "trimaran:replicas") === "3");
    assert.equal(redis?.admin("ACL", "LOG"), "");
    for (const each of all) {
      assert.ok(!(await shown(each)).includes(password));
      assert.ok(!(await shown(each)).includes(encodeURIComponent(password)));
    }
  });

  for (const [index, runtime] of runtimes.entries()) {
    test(`${runtime}: a wrong password, or a certificate by somebody else, is told without a secret`, async () => {
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
        const { text, close } = await person(each.url, newId());
        text.insert(0, "works all the same");
        close();
        for (const secret of [password, encodeURIComponent(password), wrongPassword])
          assert.ok(!(await shown(each)).includes(secret));
      }
    });
  }
});
