import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Hono } from "hono";
import { createAnswers } from "../../../src/platform/http/answers.ts";
import type { HttpEnv } from "../../../src/platform/http/env.ts";
import type { Caller } from "../../../src/platform/http/env.ts";
import { Refusal } from "../../../src/platform/util/errors.ts";

const maxBytes = { address: 4_000_000, user: 1_000_000, total: 6_000_000 };

/** Routes that answer with so many bytes; `listeners` are those that wait until an answer went out. */
function serve({ tellsEnd }: { tellsEnd: boolean }) {
  const refused = new Map<string, number>();
  const listeners: (() => void)[] = [];
  const answers = createAnswers({
    maxBytes,
    stallMs: 60_000,
    addressOf: (c) => c.env.remoteAddress ?? "",
    onRefused: (bound) => refused.set(bound, (refused.get(bound) ?? 0) + 1),
  });
  const app = new Hono<HttpEnv>();
  const shared = new Uint8Array(60_000);
  app.use(async (c, next) => {
    c.set("caller", { user: { id: c.req.header("user") } } as Caller);
    await next();
  });
  app.get("/shared", (c) => answers.send(c, shared, {}));
  app.get("/:bytes", (c) => answers.send(c, new Uint8Array(Number(c.req.param("bytes"))), {}));
  app.onError((error, c) =>
    error instanceof Refusal
      ? c.text(error.code, error.code === "rate_limited" ? 429 : 503)
      : c.text("", 500),
  );
  const ask = async (path: string, user = "ada", remoteAddress = "192.0.2.1") =>
    app.fetch(new Request(`http://x${path}`, { headers: { user } }), {
      remoteAddress,
      ...(tellsEnd && { onAnswered: (listener: () => void) => listeners.push(listener) }),
    });
  /** Asks without reading the answers. @returns how many were given. */
  async function give(count: number, path: string, user?: string, address?: string) {
    const given: Response[] = [];
    for (let index = 0; index < count; index += 1) {
      const answer = await ask(path, user, address);
      if (answer.status === 200) given.push(answer);
    }
    return given;
  }
  return { answers, refused, listeners, ask, give };
}

for (const tellsEnd of [true, false]) {
  const where = tellsEnd ? "where the runtime tells when an answer went out" : "where answers are streams";
  describe(`small answers that are not read, ${where}`, () => {
    test("are bounded for a user, for an address and in all, and let go when they went out", async () => {
      const { answers, refused, listeners, give } = serve({ tellsEnd });
      const given = await give(1000, "/60000");
      assert.equal(given.length, Math.floor(maxBytes.user / 120_000));
      assert.ok(answers.bytes() <= maxBytes.user);
      assert.equal(refused.get("user-answers"), 1000 - given.length);

      for (let user = 0; user < 10; user += 1) given.push(...(await give(100, "/60000", `u${user}`)));
      assert.ok(answers.bytes() <= maxBytes.address, `${answers.bytes()} bytes of an address`);
      assert.ok(refused.has("answers"));
      given.push(
        ...(await give(100, "/60000", "x", "192.0.2.2")),
        ...(await give(100, "/60000", "y", "192.0.2.3")),
      );
      given.push(...(await give(100, "/60000", "z", "192.0.2.4")));
      assert.ok(answers.bytes() <= maxBytes.total, `${answers.bytes()} bytes in all`);
      assert.ok(refused.has("total-answers"));

      for (const went of listeners) went();
      if (!tellsEnd) await Promise.all(given.map((answer) => answer.arrayBuffer()));
      assert.equal(answers.bytes(), 0);
    });

    test("of the same bytes count once, and each answer what is on its way", async () => {
      const { answers, give } = serve({ tellsEnd });
      const given = await give(100, "/shared");
      assert.equal(given.length, Math.floor(maxBytes.user / 60_000) - 1);
      assert.equal(answers.bytes(), 60_000 * (given.length + 1));
    });

    test("tiny ones are not counted", async () => {
      const { answers, give } = serve({ tellsEnd });
      assert.equal((await give(300, "/4096")).length, 300);
      assert.equal(answers.bytes(), 0);
    });
  });
}
