import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { createSqliteOutbox } from "../../../src/platform/delivery/outbox-store.ts";
import { openDatabase } from "../../../src/platform/storage/sqlite.ts";
import { temporaryFolder } from "../../support/folder.ts";

test("the outbox is there after a crash, each publisher's in order, without what was removed", async () => {
  const file = join(temporaryFolder(), "outbox.sqlite");
  const entry = (sequence: number, uid = "p") => ({
    sequence,
    fields: { uid, data: `${sequence}` },
    once: undefined,
    at: 5,
  });
  const first = openDatabase({ file, maxBytes: 2 ** 30 });
  const outbox = createSqliteOutbox(first);
  await Promise.all([
    outbox.add(entry(1)),
    outbox.add(entry(3)),
    outbox.add(entry(2)),
    outbox.add(entry(7, "q")),
    outbox.add(entry(4)),
  ]);
  await outbox.remove(entry(3));
  // Not closed: the process is gone.
  const second = openDatabase({ file, maxBytes: 2 ** 30 });
  const left = createSqliteOutbox(second).load();
  assert.deepEqual(
    left.map(({ sequence, fields }) => `${fields["uid"]}${sequence}`),
    ["p1", "p2", "p4", "q7"],
  );
  assert.deepEqual(left[0]?.fields, { uid: "p", data: "1" });
  first.close();
  second.close();
});
