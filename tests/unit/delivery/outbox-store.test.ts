import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { createSqliteOutbox } from "../../../src/delivery/outbox-store.ts";
import { openDatabase } from "../../../src/shared/sqlite.ts";
import { temporaryFolder } from "../../support/folder.ts";

test("the outbox is there after a crash, in order, without what was removed", async () => {
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
    outbox.add(entry(2)),
    outbox.add(entry(2, "q")),
    outbox.add(entry(3)),
  ]);
  await outbox.remove(entry(2));
  // Not closed: the process is gone.
  const second = openDatabase({ file, maxBytes: 2 ** 30 });
  const left = createSqliteOutbox(second).load();
  assert.deepEqual(
    left.map(({ sequence, fields }) => `${fields["uid"]}${sequence}`),
    ["p1", "q2", "p3"],
  );
  assert.deepEqual(left[0]?.fields, { uid: "p", data: "1" });
  first.close();
  second.close();
});
