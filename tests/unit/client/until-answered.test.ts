import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { waitFor } from "../../../deploy/local/process.ts";
import { untilAnswered } from "../../../src/client/index.ts";
import { defineContract } from "../../../src/platform/contract/define.ts";
import { defineFeature } from "../../../src/platform/feature.ts";
import { Refusal } from "../../../src/platform/util/errors.ts";
import { useApp } from "../../support/app.ts";
import { useSockets } from "../../support/sockets.ts";

const counter = defineContract("counter", {
  events: { count: { summary: "Counts, if the server does not refuse.", payload: {}, reply: {} } },
});

describe("an event that is sent until it is answered", () => {
  /** What the server does with the next events: refuses, or gives no answer. After these it acknowledges. */
  let outcomes: (Refusal | "silent")[] = [];
  let handled = 0;
  const feature = defineFeature({
    contract: counter,
    create: () => ({
      handlers: {
        count() {
          handled += 1;
          const outcome = outcomes.shift();
          if (outcome === "silent") return new Promise<never>(() => {});
          if (outcome) throw outcome;
          return {};
        },
      },
    }),
  });
  const url = useApp([feature]);
  const { socketTo } = useSockets();

  async function sending(...next: typeof outcomes) {
    outcomes = next;
    handled = 0;
    const socket = socketTo<typeof counter>(url());
    await waitFor("it is connected", () => socket.connected);
    return socket;
  }

  test("is sent again after refusals that pass, and when no answer came", async () => {
    const socket = await sending(
      new Refusal("rate_limited", "too many", { retryAfterMs: 1 }),
      new Refusal("overloaded", "too many are waiting", { retryAfterMs: 1 }),
      "silent",
    );
    const reply = await untilAnswered(() => socket.timeout(500).emitWithAck("count", {}));
    assert.deepEqual(reply, { ok: true });
    assert.equal(handled, 4);
  });

  test("is not sent again when it is refused for good", async () => {
    const socket = await sending(new Refusal("forbidden", "you may not"));
    const reply = await untilAnswered(() => socket.timeout(30_000).emitWithAck("count", {}));
    assert.equal(reply?.ok === false && reply.error.code, "forbidden");
    assert.equal(handled, 1);
  });

  test("is not sent when it is not wanted any more, and what its sender throws is not the caller's", async () => {
    let attempts = 0;
    const failing = () => {
      attempts += 1;
      throw new Error("no connection");
    };
    assert.equal(await untilAnswered(failing, () => attempts === 0), undefined);
    assert.equal(attempts, 1);
  });
});
