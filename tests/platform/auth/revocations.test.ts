import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import { pino } from "pino";
import {
  type Revocation,
  type SharedRevocations,
  createRevocations,
} from "../../../src/platform/auth/revocations.ts";
import { createSqliteRevocations } from "../../../src/platform/auth/sqlite-revocations.ts";
import { everything } from "../../../src/platform/auth/scope.ts";
import type { User } from "../../../src/platform/auth/user.ts";
import { asRoomId } from "../../../src/platform/contract/room-id.ts";
import { fieldOf, readRevocation, valueOf } from "../../../src/platform/redis/revocation-store.ts";
import { openDatabase } from "../../../src/platform/storage/sqlite.ts";
import { waitFor } from "../../../deploy/local/process.ts";
import { temporaryFolder } from "../../support/folder.ts";

const [a, b] = [asRoomId("a"), asRoomId("b")];
const log = pino({ level: "silent" });
const userOf = (issuedAtMs: number): User => ({
  id: "ada",
  documents: {},
  isService: false,
  issuedAtMs,
  expiresAtMs: Infinity,
});

/** What Redis would have, in memory. */
function createShared() {
  let stored: Revocation[] = [];
  let up = true;
  let tell = () => {};
  const store: SharedRevocations = {
    isUp: () => up,
    add: async (revocations) => void stored.push(...revocations),
    all: async () => stored,
    onNews: (listener) => (tell = listener),
    prune: async (beforeMs) => void (stored = stored.filter(({ revokedAtMs }) => revokedAtMs >= beforeMs)),
  };
  return {
    store,
    stored: () => stored,
    lose: () => (stored = []),
    setUp: (isUp: boolean) => (up = isUp),
    tell: () => tell(),
  };
}

describe("revocations", () => {
  const folder = temporaryFolder();
  let files = 0;
  let now = 10_000;
  function create(file: string, store?: SharedRevocations) {
    const database = openDatabase({ file: join(folder, file), maxBytes: 2 ** 24 });
    const revocations = createRevocations({
      local: createSqliteRevocations(database),
      shared: store,
      maxTokenAgeMs: 60_000,
      log,
      now: () => now,
    });
    return { revocations, database };
  }
  const newFile = () => `${(files += 1)}.sqlite`;

  test("count for tokens that were issued before, for what they name", async () => {
    const { revocations, database } = create(newFile());
    assert.equal(revocations.isRevoked(userOf(9000), a), false);
    await revocations.revoke({ userId: "ada", scope: a, action: "write" });
    assert.equal(revocations.isRevoked(userOf(9000), a, "write"), true);
    assert.equal(revocations.isRevoked(userOf(9000), a, "read"), false);
    assert.equal(revocations.isRevoked(userOf(9000), b, "write"), false);
    assert.equal(revocations.isRevoked(userOf(9000)), false, "the connection stays");
    assert.equal(
      revocations.isRevoked(userOf(15_000), a, "write"),
      true,
      "a token of an issuer whose clock is ahead",
    );
    assert.equal(revocations.isRevoked(userOf(16_000), a, "write"), false, "a newer token");
    await revocations.revoke({ userId: "ada", scope: a, action: "read" });
    assert.equal(revocations.isRevoked(userOf(9000), a, "read"), true);
    await revocations.revoke({ userId: "ada", scope: everything, action: "read" });
    assert.equal(revocations.isRevoked(userOf(9000)), true);
    assert.equal(revocations.isRevoked(userOf(9000), b, "write"), true);
    assert.equal(revocations.isRevoked({ ...userOf(9000), id: "bob" }, a), false);
    revocations.close();
    database.close();
  });

  test("outlive the process, and are forgotten when no token is that old any more", async () => {
    const file = newFile();
    const first = create(file);
    await first.revocations.revoke({ userId: "ada", scope: everything, action: "read" });
    first.revocations.close();
    first.database.close();
    const second = create(file);
    assert.equal(second.revocations.isRevoked(userOf(9000)), true);
    second.revocations.close();
    second.database.close();
    now += 121_000;
    const third = create(file);
    assert.equal(third.revocations.isRevoked(userOf(9000)), false);
    third.revocations.close();
    third.database.close();
  });

  test("are stored as by the first version: the column of a document is empty for everything", async () => {
    const database = openDatabase({ file: join(folder, newFile()), maxBytes: 2 ** 24 });
    const store = createSqliteRevocations(database);
    await store.add({ userId: "ada", scope: everything, action: "read", revokedAtMs: 1 });
    await store.add({ userId: "ada", scope: a, action: "write", revokedAtMs: 2 });
    const rows = database.prepare("SELECT document_id AS id FROM revocations").all() as { id: string }[];
    assert.deepEqual(
      rows.map(({ id }) => id),
      ["", "a"],
    );
    assert.deepEqual(
      store.all().map(({ scope }) => scope),
      [everything, a],
    );
    database.close();
  });

  test("are stored in Redis as by the first version: without a document for everything", () => {
    const all: Revocation = { userId: "ada", scope: everything, action: "read", revokedAtMs: 1 };
    assert.equal(fieldOf(all), '["ada","","read"]');
    assert.equal(valueOf(all), '{"userId":"ada","action":"read","revokedAtMs":1}');
    assert.deepEqual(readRevocation(valueOf(all)), [all]);
    const one: Revocation = { ...all, scope: a };
    assert.equal(fieldOf(one), '["ada","a","read"]');
    assert.deepEqual(readRevocation('{"userId":"ada","documentId":"a","action":"read","revokedAtMs":1}'), [
      one,
    ]);
    assert.deepEqual(readRevocation(valueOf(one)), [one]);
  });

  test("travel between replicas, and make up for what either side lost", async () => {
    const shared = createShared();
    const [here, there] = [create(newFile(), shared.store), create(newFile(), shared.store)];
    const heard: Revocation[] = [];
    there.revocations.onAdded((revocation) => heard.push(revocation));
    assert.equal(await here.revocations.revoke({ userId: "ada", scope: a, action: "read" }), "shared");
    there.revocations.refresh();
    await waitFor("it is known there", () => there.revocations.isRevoked(userOf(now - 1), a));
    assert.deepEqual(
      heard.map(({ userId, scope }) => [userId, scope]),
      [["ada", a]],
    );
    shared.lose();
    shared.setUp(false);
    assert.equal(
      await here.revocations.revoke({ userId: "bob", scope: everything, action: "read" }),
      "local",
    );
    // News that come while it is away must not be the last.
    here.revocations.refresh();
    shared.setUp(true);
    here.revocations.refresh();
    await waitFor("Redis has both again", () => shared.stored().length === 2);
    for (const { revocations, database } of [here, there]) {
      revocations.close();
      database.close();
    }
  });
});
