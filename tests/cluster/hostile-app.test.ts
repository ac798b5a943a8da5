import assert from "node:assert/strict";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, afterEach, before, describe, test } from "node:test";
import { createClient } from "redis";
import { io } from "socket.io-client";
import { waitFor } from "../../deploy/local/process.ts";
import { type LocalRedis, startRedis } from "../../deploy/local/redis.ts";
import { runtimes } from "../../deploy/local/replica.ts";
import { type Program, startProgram } from "../support/program.ts";
import { ask } from "../support/api.ts";
import { newId } from "../support/sockets.ts";
import { type Member, useMembers } from "../support/members.ts";
import { temporaryFolder } from "../support/folder.ts";
import { type LogLine, isLate, ofRedis, ofTheApp, provoked, refusals } from "../support/hostile-outcomes.ts";
import { deepArray, hostileUser, protoKey } from "../support/hostile-values.ts";
import { metric } from "../support/server.ts";
import { groupTimeoutMs } from "../support/timeout.ts";
import { apiKey, authSecret, makeToken } from "../support/tokens.ts";

type Outcomes = Record<string, string>;

describe("an app that makes every mistake, on three runtimes", { timeout: groupTimeoutMs }, () => {
  const folder = temporaryFolder();
  const { member, socketTo } = useMembers();
  const programs: Program[] = [];
  const urls: string[] = [];
  let redis: LocalRedis;
  /** Hostile clients, which would come back for ever. */
  const open: (() => void)[] = [];
  const uncaught: string[] = [];
  const blamedOnRedis: string[] = [];
  const ours: string[] = [];
  let askedDuringPause: Promise<Outcomes[]> | undefined;

  before(async () => {
    redis = await startRedis({ dir: folder });
    const env = {
      REDIS_URL: redis.url,
      AUTH_SECRET: authSecret,
      API_KEYS: apiKey,
      DRAIN_MS: "0",
      CLIENT_ORIGIN: "",
    };
    await Promise.all(
      runtimes.map(async (runtime, index) => {
        const program = await startProgram({
          runtime,
          file: "../support/hostile-app.ts",
          env: { ...env, NODE_ID: runtime, DATA_FILE: join(folder, `${runtime}.sqlite`) },
          provokesUncaught: true,
        });
        programs[index] = program;
        createInterface({ input: program.process.child.stderr as NodeJS.ReadableStream }).on("line", readLog);
        urls[index] = `http://127.0.0.1:${await program.call<number>("port")}`;
      }),
    );
    await inMode("cluster");
  });
  afterEach(() => {
    for (const close of open.splice(0)) close();
  });
  after(async () => {
    await Promise.all(programs.map((program) => program.stop()));
    await redis?.process.stop();
  });

  function readLog(line: string): void {
    if (!line.startsWith("{")) return;
    const { level, msg, err, reason } = JSON.parse(line) as LogLine;
    if (level === 50 && !ofTheApp.has(msg)) ours.push(msg);
    if (msg === "an error that nothing caught") uncaught.push(err?.message ?? "");
    if (msg.startsWith("Redis does not respond")) blamedOnRedis.push(reason ?? "");
  }

  const tokenOf = (sub: string) => makeToken({ sub, documents: { "*": "write" } });
  const onAll = <T>(command: string) => Promise.all(programs.map((program) => program.call<T>(command)));

  async function modes(): Promise<unknown[]> {
    const answers = await Promise.all(urls.map(async (url) => (await fetch(`${url}/readyz`)).json()));
    return answers.map((answer) => (answer as { mode: string }).mode);
  }
  const inMode = (mode: string) =>
    waitFor(`all are in ${mode} mode`, async () => (await modes()).every((each) => each === mode));

  /** A hostile client on each replica, with whatever it likes in its handshake. */
  async function hostileClients() {
    const token = await tokenOf(hostileUser);
    return Promise.all(
      urls.map(async (url) => {
        const socket = io(url, {
          auth: { token, deep: deepArray(150), ...protoKey() },
          query: protoKey() as Record<string, string>,
          extraHeaders: { ["__proto__"]: "x", "x-forwarded-for": "198.19.0.1" },
          transports: ["websocket"],
          forceNew: true,
        });
        open.push(() => socket.disconnect());
        socket.on("asked", (reply: (value: unknown) => void) => reply(deepArray(150)));
        await waitFor("the hostile client is connected", () => socket.connected);
        return socket;
      }),
    );
  }

  /** Two others on each replica, who must not feel any of it. */
  async function bystanders(id: string) {
    const felt: string[] = [];
    const members = await Promise.all(
      [...urls, ...urls].map(async (url, index) => {
        const each = await member(url, id, { token: await tokenOf(`bystander-${index}`) });
        each.socket.on("resync", () => felt.push("resync"));
        each.socket.on("disconnect", (reason) => felt.push(`disconnect: ${reason}`));
        return each;
      }),
    );
    return { members, felt };
  }

  /** Each of them says something, and is heard on its own replica at least. */
  async function saySomething(members: Member[], text: string): Promise<void> {
    await Promise.all(
      members.map(async ({ say }, from) => assert.deepEqual(await say(`${text}-${from}`), { ok: true })),
    );
    for (const [index, { heard }] of members.entries())
      await waitFor("the neighbour hears it", () => heard.includes(`${text}-${(index + 3) % 6}`));
  }

  async function misbehave(): Promise<void> {
    const clients = await hostileClients();
    for (const socket of clients)
      for (const event of ["throws", "rejects", "hangs", "answers"]) socket.emit(event, () => {});
    await onAll("fillData");
    for (const outcomes of await onAll<Outcomes>("mistakes")) {
      for (const [name, outcome] of Object.entries(outcomes))
        assert.match(outcome, refusals[name] ?? /^returned (?!"nothing)/, name);
    }
    for (const socket of clients) socket.disconnect();
    await waitFor("all hostile clients are gone", async () =>
      (await Promise.all(urls.map((url) => metric(url, "trimaran_connections")))).every(
        (count) => count === 2,
      ),
    );
  }

  /** In a state of Redis, while others go on; then back to normal, where the others have all that was said. */
  async function inState(mode: string, enter: () => unknown, leave: () => unknown, more = async () => {}) {
    const { members, felt } = await bystanders(newId());
    await saySomething(members, "before");
    await enter();
    await inMode(mode);
    await misbehave();
    await saySomething(members, "meanwhile");
    await more();
    await inMode(mode);
    await leave();
    await inMode("cluster");
    await saySomething(members, "afterwards");
    for (const { heard } of members) {
      await waitFor("all was heard", () => heard.length === 18);
      assert.equal(new Set(heard).size, 18);
    }
    assert.deepEqual(felt, []);
    for (const { close } of members) close();
    for (const { process } of programs) assert.ok(process.isRunning(), process.output());
  }

  test("Redis is up", () =>
    inState(
      "cluster",
      () => {},
      () => {},
    ));

  test("Redis is up: answers of other replicas are right, or an error for the caller", async () => {
    const clients = await hostileClients();
    await onAll("fillData");
    for (const url of urls) {
      // A replica that is late on a busy machine is an error for the caller; what is answered is whole.
      const { body } = await waitFor("all replicas answer", async () => {
        const answer = await ask(url, "GET", `/api/users/${hostileUser}/connections`);
        return answer.status < 500 && answer;
      });
      assert.equal(body.connections?.length, 3);
    }
    for (const program of programs) {
      const outcomes = await waitFor("the other replicas answer in time", async () => {
        const asked = await program.call<Outcomes>("questions");
        return (
          !Object.entries(asked).some(([name, text]) => name !== "clients" && isLate.test(text)) && asked
        );
      });
      assert.equal(outcomes["sockets"], "returned 3");
      assert.equal(outcomes["replicas"], 'returned ["well","well"]');
      for (const name of ["that throw", "that answer a cycle", "that answer a BigInt late"])
        assert.match(
          outcomes[`replicas ${name}`] ?? "",
          /^threw Error: replica \w+ could not answer: /,
          name,
        );
      // What clients answered here can be told; what they answered elsewhere can't.
      assert.match(outcomes["clients"] ?? "", /^threw Error: operation has timed out/);
    }
    for (const { process } of programs) {
      const log = process.output();
      assert.ok(
        log.includes(`"key":"timer","msg":"socket.data has a value that other replicas can't be sent`),
      );
      const blamed = log.split("\n").filter((line) => line.includes("something malformed in Redis"));
      assert.deepEqual(blamed, []);
    }
    for (const socket of clients) socket.disconnect();
  });

  test("a middleware that throws refuses the client, in every kind of namespace", async () => {
    const outcomes = {
      "": /internal error/,
      "/child-throws": /internal error/,
      "/child-rejects": /internal error/,
      "/child-refuses-with-a-cycle": /^of the app$/,
      "/function-throws": /^Invalid namespace$/,
    };
    const token = await tokenOf("x");
    for (const url of urls) {
      // Another namespace of the same connection, which must not end.
      const other = socketTo(url, { token, forceNew: false });
      await waitFor("it is connected", () => other.connected);
      const ends: string[] = [];
      other.on("disconnect", (reason) => ends.push(reason));
      for (const [namespace, refusal] of Object.entries(outcomes)) {
        const socket = namespace
          ? other.io.socket(namespace)
          : socketTo(url, { name: "a middleware", token, reconnection: false });
        const refused: string[] = [];
        socket.on("connect_error", ({ message }) => refused.push(message));
        await waitFor(`${namespace} refuses`, () => refused.length > 0);
        assert.match(refused[0] ?? "", refusal, namespace);
      }
      assert.deepEqual(ends, []);
      other.disconnect();
    }
  });

  test("a namespace of the app's own has data of any kind; the tokens of all others still expire", async () => {
    const ends: string[] = [];
    const url = urls[0] ?? "";
    const own: { disconnect(): void }[] = [];
    for (let count = 0; count < 2; count += 1) {
      const socket = socketTo(`${url}/own`, { reconnection: false });
      socket.on("disconnect", (reason) => ends.push(reason));
      own.push(socket);
      await waitFor("it is connected", () => socket.connected);
    }
    // Each attempt has a new token: on a busy machine one may expire before it is looked at.
    const short = socketTo(url, { token: () => makeToken({ sub: "short", expiresInS: 3 }) });
    const errors: unknown[] = [];
    short.on("error-message", (error) => errors.push(error));
    await waitFor("its token has expired", () => errors.length > 0);
    assert.match(JSON.stringify(errors), /the token has expired/);
    assert.deepEqual(ends, []);
    for (const socket of own) socket.disconnect();
  });

  test("Redis pauses for a moment while it is asked", async () => {
    redis.process.kill("SIGSTOP");
    await onAll("changeWhatWasSent");
    askedDuringPause = onAll<Outcomes>("questions");
    await inMode("degraded");
    redis.process.kill("SIGCONT");
    await inMode("cluster");
  });

  const askedInVain = async () => {
    for (const { replicas, sockets } of await onAll<Outcomes>("questions"))
      for (const outcome of [replicas, sockets])
        assert.match(outcome ?? "", /^threw Refusal: Redis does not respond/);
  };

  test("Redis hangs", () =>
    inState(
      "degraded",
      () => redis.process.kill("SIGSTOP"),
      () => redis.process.kill("SIGCONT"),
      askedInVain,
    ));

  test("Redis is stopped", () =>
    inState(
      "degraded",
      () => redis.process.stop(),
      async () => (redis = await startRedis({ dir: folder, port: redis.port })),
      askedInVain,
    ));

  test("Redis refuses to write", async () => {
    const client = createClient({ url: redis.url });
    client.on("error", () => undefined);
    await client.connect();
    const replicasToWrite = (count: string) => client.configSet("min-replicas-to-write", count);
    await inState(
      "degraded",
      () => replicasToWrite("1"),
      () => replicasToWrite("0"),
      askedInVain,
    );
    client.destroy();
  });

  test("who asked during the pause has an answer or an error", async () => {
    for (const outcomes of (await askedDuringPause) ?? [])
      for (const [name, outcome] of Object.entries(outcomes))
        assert.match(outcome, /^(returned (?!"nothing)|threw)/, name);
  });

  test("each error that nothing caught was counted and logged with its stack, and no process ended", async () => {
    assert.deepEqual(
      uncaught.filter((message) => !provoked.test(message)),
      [],
      "nothing but the app's own errors reaches the process",
    );
    assert.deepEqual(ours, [], "nothing of ours failed");
    assert.ok(blamedOnRedis.length > 0);
    assert.deepEqual(
      blamedOnRedis.filter((reason) => !ofRedis.test(reason)),
      [],
      "no mistake is blamed on Redis",
    );
    for (const [index, { process }] of programs.entries()) {
      assert.ok(process.isRunning(), process.output());
      assert.ok((await metric(urls[index] ?? "", "trimaran_uncaught_errors_total")) > 0);
      assert.match(
        process.output(),
        /"stack":"Error: a timer that throws.*"msg":"an error that nothing caught"/,
      );
    }
  });
});
