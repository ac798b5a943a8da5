import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { waitFor } from "../../deploy/local/process.ts";
import { defineContract } from "../../src/platform/contract/define.ts";
import { type FeatureServer, defineFeature } from "../../src/platform/feature.ts";
import { StartupError } from "../../src/platform/util/errors.ts";
import { temporaryFolder } from "../support/folder.ts";
import { prepareApp } from "../support/logged-app.ts";
import { newId, useSockets } from "../support/sockets.ts";

const contractOf = (name: string) => defineContract(name, {});
type Server = FeatureServer<ReturnType<typeof contractOf>>;

function feature(name: string, server: Server) {
  return defineFeature({ contract: contractOf(name), create: () => server });
}

function fail(what: string): never {
  throw new Error(`${what} of a test`);
}

describe("a feature that fails", () => {
  const { socketTo } = useSockets();
  const folder = temporaryFolder();

  test("in onEmpty is logged by its name, and the features after it are called", async () => {
    const emptied: string[] = [];
    const { lines, create } = await prepareApp([
      feature("throws", { onEmpty: () => fail("a throw") }),
      feature("rejects", { onEmpty: (() => Promise.reject(new Error("a rejection"))) as () => void }),
      feature("sound", { onEmpty: (room) => void emptied.push(room) }),
    ]);
    const app = create();
    const socket = socketTo(`http://127.0.0.1:${await app.listen()}`);
    const room = newId();
    assert.equal((await socket.emitWithAck("join-document", { documentId: room })).ok, true);
    assert.deepEqual(await socket.emitWithAck("leave-document", { documentId: room }), { ok: true });
    await waitFor("both are logged", () => lines.length === 2);
    assert.deepEqual(
      lines.map((line) => [line.feature, line.err?.message]),
      [
        ["throws", "a throw of a test"],
        ["rejects", "a rejection"],
      ],
    );
    assert.deepEqual(emptied, [room]);
    await app.close();
  });

  test("in stop, or that never stops, is logged by its name, and everything else is closed", async () => {
    const stopped: string[] = [];
    const file = join(folder, "stop.sqlite");
    const { lines, create } = await prepareApp(
      [
        feature("first", { stop: () => void stopped.push("first") }),
        feature("throws", { stop: () => fail("a stop") }),
        feature("hangs", { stop: () => new Promise(() => {}) }),
        feature("last", { stop: async () => void stopped.push("last") }),
      ],
      { DATA_FILE: file },
    );
    const app = create();
    await app.listen();
    assert.ok(existsSync(`${file}-wal`));
    await assert.rejects(app.close(), /could not be closed: feature hangs, feature throws$/);
    assert.deepEqual(stopped, ["last", "first"]);
    assert.deepEqual(
      lines.map((line) => [line.part, line.err?.message]),
      [
        ["feature hangs", "not closed within 5000 ms"],
        ["feature throws", "a stop of a test"],
      ],
    );
    assert.ok(!existsSync(`${file}-wal`), "the database is closed");
  });

  test("in create is named, and what was opened before is closed", async () => {
    const stopped: string[] = [];
    const file = join(folder, "create.sqlite");
    for (const [make, message] of [
      [() => fail("a create"), /Feature bad could not be created: a create of a test$/],
      [(() => undefined) as unknown as () => Server, /Feature bad: its create must return/],
      [(async () => ({})) as unknown as () => Server, /Feature bad: its create must return/],
    ] as [() => Server, RegExp][]) {
      const bad = defineFeature({ contract: contractOf("bad"), create: make });
      const sound = feature("sound", { stop: () => void stopped.push("sound") });
      const { create } = await prepareApp([sound, bad], { DATA_FILE: file });
      assert.throws(create, message);
      assert.ok(existsSync(file) && !existsSync(`${file}-wal`), "the database is closed");
    }
    assert.deepEqual(stopped, ["sound", "sound", "sound"]);
  });

  test("to start for a reason that a person can mend is a StartupError, with its name", async () => {
    const bad = defineFeature({
      contract: contractOf("bad"),
      create({ database }) {
        database.migrate("bad", ["CREATE TABEL bad (x)"]);
        return {};
      },
    });
    const { create } = await prepareApp([bad]);
    assert.throws(
      create,
      (error) => error instanceof StartupError && /^Feature bad .*TABEL/.test(error.message),
    );
  });
});
