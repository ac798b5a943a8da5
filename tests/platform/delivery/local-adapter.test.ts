import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import { pino } from "pino";
import { Server } from "socket.io";
import { Adapter } from "socket.io-adapter";
import { createLocalAdapter } from "../../../src/platform/delivery/local-adapter.ts";
import { createSqliteOnceKeys } from "../../../src/platform/delivery/once-keys.ts";
import { openDatabase } from "../../../src/platform/storage/sqlite.ts";
import { temporaryFolder } from "../../support/folder.ts";

const maxBytes = 2 ** 30;

describe("keys of what is delivered once", () => {
  test("are known after a crash, until they are old", () => {
    const file = join(temporaryFolder(), "keys.sqlite");
    let now = 0;
    const first = openDatabase({ file, maxBytes });
    const keys = createSqliteOnceKeys(first, () => now);
    assert.equal(keys.claim("a"), true);
    assert.equal(keys.claim("a"), false);
    assert.equal(keys.claim("b"), true);
    // Not closed: the process is gone.
    const second = openDatabase({ file, maxBytes });
    assert.equal(createSqliteOnceKeys(second, () => now).claim("a"), false);
    second.close();
    now = 11 * 60_000;
    const third = openDatabase({ file, maxBytes });
    assert.equal(createSqliteOnceKeys(third, () => now).claim("a"), true);
    third.close();
    first.close();
  });

  test("that can't be kept are refused, and later writes are safe on disk as before", async () => {
    const database = openDatabase({ file: join(temporaryFolder(), "keys.sqlite"), maxBytes: 40_960 });
    const keys = createSqliteOnceKeys(database);
    const fill = () => {
      for (let index = 0; ; index += 1) keys.claim(`${index}`.padEnd(500));
    };
    assert.throws(fill, { code: "unavailable" });
    const { synchronous } = database.prepare("PRAGMA synchronous").get() as { synchronous: number };
    assert.equal(synchronous, 2, "FULL");
    database.close();
    assert.throws(() => keys.claim("late"), { code: "unavailable" });
  });
});

test("the local adapter delivers a keyed event once, and what it could not keep not at all", async () => {
  const claims = [true, false];
  const io = new Server({
    adapter: createLocalAdapter({
      selfHealing: new Set(),
      maxEvents: 10,
      maxBytes: 1000,
      recoveryWindowMs: 1000,
      log: pino({ level: "silent" }),
      fanOut: (adapter, packet, options) => Adapter.prototype.broadcast.call(adapter, packet, options),
      onceKeys: {
        claim() {
          const claimed = claims.shift();
          if (claimed === undefined) throw new Error("disk full");
          return claimed;
        },
      },
    }).adapter as never,
  });
  const { adapter } = io.of("/");
  const delivered: unknown[] = [];
  adapter.addAll("member", new Set(["room"]));
  io.of("/").sockets.set("member", {
    client: { writeToEngine: (packets: unknown) => delivered.push(packets) },
    notifyOutgoingListeners() {},
  } as never);
  const send = async () =>
    adapter.broadcast({ type: 2, data: ["event"], nsp: "/" }, {
      rooms: new Set(["room"]),
      flags: { once: "key" },
    } as never) as unknown as Promise<boolean>;
  assert.equal(await send(), true);
  assert.equal(await send(), true);
  await assert.rejects(send());
  assert.equal(delivered.length, 1);
  // A promise that is rejected with nobody listening would end the process.
  assert.throws(() => io.emit("event", 1n), TypeError);
  adapter.close();
});
