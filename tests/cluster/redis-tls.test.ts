import assert from "node:assert/strict";
import { connect } from "node:tls";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { freePort } from "../../deploy/local/free-port.ts";
import { type Process, start, waitFor, waitWhileRunning } from "../../deploy/local/process.ts";
import { type Replica, runtimes, startReplica } from "../../deploy/local/replica.ts";
import { type Certificates, makeCertificates } from "../support/certificates.ts";
import { newId, useClients, waitForConvergence } from "../support/clients.ts";
import { temporaryFolder } from "../support/folder.ts";
import { groupTimeoutMs } from "../support/timeout.ts";

/** As the runbook has it: what a replica may do in Redis, and nothing else. */
const rule = /^user trimaran .*$/m.exec(
  readFileSync(new URL("../../deploy/runbook.md", import.meta.url), "utf8"),
)?.[0];
const password = "hunter2-of-the-tests";

interface State {
  mode: string;
  redis: { lastError?: string };
}
const stateOf = async ({ url }: Replica) => (await (await fetch(`${url}/readyz`)).json()) as State;

describe("Redis over TLS, with a user that may do little", { timeout: groupTimeoutMs }, () => {
  const folder = temporaryFolder();
  const { person } = useClients();
  const started: Process[] = [];
  let certificates: Certificates;
  let others: Certificates;
  let port = 0;

  const replica = async (index: number, env: Record<string, string> = {}): Promise<Replica> => {
    const runtime = runtimes[index % runtimes.length] ?? "node";
    const created = await startReplica({
      runtime,
      env: {
        NODE_ID: `tls-${started.length}`,
        REDIS_HOST: "127.0.0.1",
        REDIS_PORT: String(port),
        REDIS_TLS: "on",
        REDIS_USERNAME: "trimaran",
        REDIS_PASSWORD: password,
        REDIS_CA_FILE: certificates.ca,
        DATA_FILE: join(folder, `${started.length}.sqlite`),
        DRAIN_MS: "0",
        LOG_LEVEL: "trace",
        ...env,
      },
    });
    started.push(created.process);
    return created;
  };

  async function answers(): Promise<boolean> {
    const socket = connect({ port, host: "127.0.0.1", ca: readFileSync(certificates.ca) });
    try {
      await once(socket, "secureConnect");
      return true;
    } finally {
      socket.destroy();
    }
  }

  before(async () => {
    certificates = makeCertificates(folder, "one");
    others = makeCertificates(folder, "two");
    port = await freePort();
    const redis = await start({
      command: "redis-server",
      args: [
        ["--port", "0", "--tls-port", String(port), "--bind", "127.0.0.1", "--tls-auth-clients", "no"],
        ["--tls-cert-file", certificates.cert, "--tls-key-file", certificates.key],
        ["--tls-ca-cert-file", certificates.ca, "--save", "", "--dir", folder],
        ["--user", "default", "off"],
        ["--user", ...(rule ?? "").replace("PASSWORD", password).split(" ").slice(1)],
      ].flat(),
    });
    started.push(redis);
    await waitWhileRunning(redis, "Redis answers over TLS", answers);
  });
  after(() => Promise.all(started.map((process) => process.stop())));

  test("three replicas on three runtimes work together", async () => {
    assert.ok(rule, "the runbook has the rule");
    const replicas = await Promise.all([0, 1, 2].map((index) => replica(index)));
    for (const each of replicas)
      await waitFor(
        `${each.runtime} is in cluster mode`,
        async () => (await stateOf(each)).mode === "cluster",
      );
    const id = newId();
    const people = await Promise.all(replicas.map(({ url }) => person(url, id)));
    for (const { text } of people) text.insert(0, "x");
    await Promise.all(people.map(({ provider }) => provider.whenSaved()));
    assert.equal(await waitForConvergence(people), "xxx");
    await people[0]?.socket.emitWithAck("send-message", { documentId: id, id: "1", text: "hello" });
    await waitFor("all hear it", () => people.every(({ messages }) => messages[0] === "hello"));
    await waitFor("all see all", () =>
      people.every(({ provider }) => provider.awareness.getStates().size === people.length),
    );
    // Returning clients, limits and merges use commands of their own.
    for (const { socket } of people) socket.io.engine.close();
    await waitFor("all are back, recovered", () =>
      people.every(({ socket }) => socket.connected && socket.recovered),
    );
    for (const { process } of replicas) {
      assert.ok(!/NOPERM/.test(process.output()), "nothing is asked that the rule does not allow");
      assert.ok(!process.output().includes(password));
    }
  });

  for (const [index, runtime] of runtimes.entries()) {
    test(`${runtime} does not trust a certificate by somebody else, or give its password away`, async () => {
      const stranger = await replica(index, { REDIS_CA_FILE: others.ca });
      await waitFor("it says why", async () =>
        /certificate/i.test((await stateOf(stranger)).redis.lastError ?? ""),
      );
      assert.equal((await stateOf(stranger)).mode, "degraded");
      const wrong = await replica(index, { REDIS_PASSWORD: `${password}-wrong` });
      await waitFor("it says why", async () =>
        /WRONGPASS/.test((await stateOf(wrong)).redis.lastError ?? ""),
      );
      for (const { url, process } of [stranger, wrong]) {
        const shown = await Promise.all(
          ["/readyz", "/metrics", "/api/cluster"].map(async (path) => (await fetch(url + path)).text()),
        );
        assert.ok(![...shown, process.output()].join().includes(password));
      }
    });
  }
});
