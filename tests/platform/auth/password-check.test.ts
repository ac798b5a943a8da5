import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createPasswordCheck } from "../../../src/platform/auth/password-check.ts";

describe("the password check", () => {
  function create() {
    let running = 0;
    let most = 0;
    let compared = 0;
    const check = createPasswordCheck({
      username: "admin",
      passwordHash: "hash of right",
      async compare(password, hash) {
        most = Math.max(most, (running += 1));
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        return hash === `hash of ${password}`;
      },
      onCompare: () => (compared += 1),
    });
    return { check, most: () => most, compared: () => compared };
  }

  test("takes the right name with the right password alone, and compares for every name", async () => {
    const { check, compared } = create();
    assert.equal(await check("admin", "right"), true);
    assert.equal(await check("admin", "wrong"), false);
    assert.equal(await check("root", "right"), false);
    assert.equal(compared(), 3);
    assert.equal(await check("admin", "x".repeat(1000)), false);
    assert.equal(compared(), 3);
  });

  test("compares one at a time, and refuses when too many wait", async () => {
    const { check, most, compared } = create();
    const outcomes = await Promise.allSettled(Array.from({ length: 300 }, () => check("admin", "guess")));
    assert.equal(most(), 1);
    const refused = outcomes.filter(({ status }) => status === "rejected");
    assert.equal(compared() + refused.length, 300);
    assert.ok(compared() <= 17, `${compared()} compared`);
    assert.equal(await check("admin", "right"), true);
  });
});
