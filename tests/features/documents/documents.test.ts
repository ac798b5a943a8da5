import assert from "node:assert/strict";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { pino } from "pino";
import { createDocuments } from "../../../src/features/documents/documents.ts";
import { createSqliteStore } from "../../../src/features/documents/sqlite-store.ts";
import { emptyUpdate } from "../../../src/features/documents/updates.ts";
import { type Database, openDatabase } from "../../../src/platform/storage/sqlite.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { createMemorySharedStore } from "./support/memory-shared-store.ts";
import { insertion, keystrokes, textOf } from "./support/yjs.ts";

const log = pino({ level: "silent" });

/** Everyone was told. */
const published = async () => true;

describe("documents", () => {
  const folder = temporaryFolder();
  let files = 0;
  const file = () => join(folder, `${(files += 1)}.sqlite`);

  const databases: Database[] = [];
  after(() => {
    for (const database of databases) database.close();
  });

  function openLocal(path: string) {
    const database = openDatabase({ file: path, maxBytes: 2 ** 30 });
    databases.push(database);
    return createSqliteStore(database);
  }

  function single(path: string, maxDocumentBytes = 2 ** 20) {
    return createDocuments({
      local: openLocal(path),
      maxDocumentBytes,
      maxUpdates: 200,
      log,
    });
  }

  function clustered(shared: ReturnType<typeof createMemorySharedStore>, path = file()) {
    const local = openLocal(path);
    return {
      local,
      documents: createDocuments({
        local,
        shared: shared.store,
        maxDocumentBytes: 2 ** 20,
        maxUpdates: 200,
        log,
      }),
    };
  }

  test("single: what was appended is there after a restart, merged or not", async () => {
    const path = file();
    const documents = single(path);
    await documents.open("a");
    const text = "x".repeat(450);
    for (const update of keystrokes(text)) assert.equal(await documents.append("a", update), "local");
    documents.release("a");
    await documents.close();
    const local = openLocal(path);
    assert.ok(local.read("a").changes.length < 20, "its log was merged");
    const again = single(path);
    assert.equal(textOf(await again.read("a")), text);
    assert.deepEqual(await again.read("nothing"), emptyUpdate);
    await again.close();
  });

  test("a document past its bound takes no more", async () => {
    const documents = single(file(), 2000);
    await documents.open("a");
    await documents.append("a", insertion("x".repeat(1500)));
    documents.checkSize("a", insertion("y"));
    assert.throws(() => documents.checkSize("a", insertion("y".repeat(1500))), { code: "too_large" });
    await documents.close();
  });

  test("joins at the same time cost one read", async () => {
    const shared = createMemorySharedStore();
    await shared.store.append("a", insertion("hello"));
    const { documents } = clustered(shared);
    const states = await Promise.all(Array.from({ length: 100 }, () => documents.open("a")));
    assert.ok(states.every((state) => textOf(state) === "hello"));
    assert.equal(shared.state.reads, 1);
    await documents.close();
  });

  test("while the shared store is away, changes are kept here and shared when it is back", async () => {
    const shared = createMemorySharedStore();
    const { documents, local } = clustered(shared);
    await documents.open("a");
    assert.equal(await documents.append("a", insertion("before ")), "shared");
    shared.state.up = false;
    assert.equal(await documents.append("a", insertion("meanwhile ")), "local");
    assert.ok(textOf(await documents.open("a")).includes("meanwhile"), "joins go on");
    shared.state.up = true;
    const published: string[] = [];
    const publish = async ({ update }: { update: Uint8Array }) => published.push(textOf(update)) > 0;
    assert.equal(await documents.reconcile("everything", publish), 1);
    assert.equal(published.length, 1);
    assert.ok(published[0]?.includes("meanwhile"));
    assert.ok(textOf(shared.content("a")).includes("meanwhile"));
    assert.deepEqual(local.documentIds(), [], "the journal is empty again");
    await documents.close();
  });

  test("a replica restarted while the shared store is away still has the whole document", async () => {
    const shared = createMemorySharedStore();
    const path = file();
    const first = clustered(shared, path);
    await first.documents.open("a");
    await first.documents.append("a", insertion("before "));
    shared.state.up = false;
    await first.documents.append("a", insertion("meanwhile "));
    await first.documents.close();
    const second = clustered(shared, path);
    const text = textOf(await second.documents.open("a"));
    assert.ok(text.includes("before") && text.includes("meanwhile"), text);
    await second.documents.close();
  });

  test("two replicas that were apart end up equal, also when the shared store comes back empty", async () => {
    const shared = createMemorySharedStore();
    const one = clustered(shared);
    const two = clustered(shared);
    const missed: string[] = [];
    one.documents.onMissed(({ update }) => missed.push(textOf(update)));
    await one.documents.open("a");
    await two.documents.open("a");
    await one.documents.append("a", insertion("common "));
    await two.documents.open("a");
    shared.state.up = false;
    await one.documents.append("a", insertion("one "));
    await two.documents.append("a", insertion("two "));
    shared.logs.clear();
    shared.state.up = true;
    for (const { documents } of [one, two, one]) await documents.reconcile("everything", published);
    const text = textOf(shared.content("a"));
    for (const part of ["common", "one", "two"]) assert.ok(text.includes(part), `${part} in ${text}`);
    assert.equal(textOf(await one.documents.open("a")), text);
    assert.equal(textOf(await two.documents.open("a")), text);
    assert.ok(
      missed.some((update) => update.includes("two")),
      "members here are told what came from there",
    );
    await Promise.all([one.documents.close(), two.documents.close()]);
  });

  test("a reconciliation that fails keeps the journal", async () => {
    const shared = createMemorySharedStore();
    const { documents, local } = clustered(shared);
    shared.state.up = false;
    await documents.append("a", insertion("kept"));
    await assert.rejects(documents.reconcile("everything", published));
    assert.deepEqual(local.documentIds(), ["a"]);
    await documents.close();
  });

  test("a change that the store took without our knowing is told with those that it lacks", async () => {
    const shared = createMemorySharedStore();
    const { documents } = clustered(shared);
    await documents.open("a");
    await documents.append("a", insertion("base "));
    const taken = insertion("taken ");
    shared.state.up = false;
    await documents.append("a", taken);
    await documents.append("a", insertion("lacking "));
    shared.state.up = true;
    await shared.store.append("a", taken);
    const told: string[] = [];
    await documents.reconcile("journal", async ({ update }) => told.push(textOf(update)) > 0);
    for (const part of ["taken", "lacking"]) assert.ok(told[0]?.includes(part), `${part} in ${told[0]}`);
    assert.ok(!told[0]?.includes("base"), "what everyone had before is no news");
    await documents.close();
  });

  test("what the other replicas could not be told of is told the next time", async () => {
    const shared = createMemorySharedStore();
    const { documents, local } = clustered(shared);
    await documents.open("a");
    await documents.append("a", insertion("stored, "));
    await documents.journal("a", insertion("but nobody told"));
    await assert.rejects(documents.reconcile("journal", async () => false));
    assert.deepEqual(local.documentIds(), ["a"], "a journal of what was told to nobody is kept");
    // Redis came back empty: what is here has to be told as well, and is known from the journal alone.
    shared.logs.clear();
    const told: string[] = [];
    await assert.rejects(documents.reconcile("everything", async () => false));
    const publish = async ({ update }: { update: Uint8Array }) => told.push(textOf(update)) > 0;
    assert.equal(await documents.reconcile("journal", publish), 1);
    assert.ok(told[0]?.includes("nobody told"));
    assert.deepEqual(local.documentIds(), []);
    await documents.close();
  });

  test("what came back from an open document and was told to nobody is journalled", async () => {
    const shared = createMemorySharedStore();
    const { documents, local } = clustered(shared);
    await documents.open("a");
    await documents.append("a", insertion("had by all"));
    // Redis came back empty; it has the document again after this, so that only the journal can tell.
    shared.logs.clear();
    await assert.rejects(documents.reconcile("everything", async () => false));
    assert.deepEqual(local.documentIds(), ["a"]);
    const told: string[] = [];
    await documents.reconcile("journal", async ({ update }) => told.push(textOf(update)) > 0);
    assert.deepEqual(told, ["had by all"]);
    await documents.close();
  });

  test("a long log is merged in the shared store, in the background", async () => {
    const shared = createMemorySharedStore();
    const { documents } = clustered(shared);
    await documents.open("a");
    for (const update of keystrokes("x".repeat(250))) await documents.append("a", update);
    await documents.close();
    assert.equal(shared.state.compactions, 1);
  });
});
