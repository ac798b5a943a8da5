import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { waitFor } from "../../../../deploy/local/process.ts";
import { deadlinesMissed, useCluster } from "../../../support/cluster.ts";
import { newId } from "../../../support/sockets.ts";
import { groupTimeoutMs } from "../../../support/timeout.ts";
import { useClients, waitForConvergence } from "../support/clients.ts";
import { insertion, textOf } from "../support/yjs.ts";

describe("documents on three replicas", { timeout: groupTimeoutMs }, () => {
  const cluster = useCluster();
  const { person, socketTo } = useClients();
  const urls = () => cluster().replicas.map(({ url }) => url);
  const onEach = (id: string) => Promise.all(urls().map((url) => person(url, id)));

  test("users on all of them type at once and have the same document", async () => {
    const people = await onEach(newId());
    for (let index = 0; index < 30; index += 1) for (const { text } of people) text.insert(0, "x");
    assert.equal((await waitForConvergence(people)).length, 90);
  });

  test("a change is acknowledged as shared and reaches the others", async () => {
    const id = newId();
    const [sender, ...others] = await Promise.all(
      urls().map(async (url) => {
        const socket = socketTo(url);
        await socket.emitWithAck("join-document", { documentId: id });
        return socket;
      }),
    );
    const arrivals = others.map(
      (socket) =>
        new Promise<string>((resolve) =>
          socket.once("receive-changes", ({ update }) => resolve(textOf(new Uint8Array(update)))),
        ),
    );
    const send = (text: string) =>
      sender?.emitWithAck("send-changes", { documentId: id, update: insertion(text) });
    const before = await deadlinesMissed(urls());
    const reply = await send("news");
    assert.deepEqual(await Promise.all(arrivals), ["news", "news"]);
    if (reply?.ok && reply.stored === "local") {
      assert.ok((await deadlinesMissed(urls())) > before, "local, although Redis answered in time");
      await waitFor("cluster mode again", async () => {
        const again = await send("more");
        return again?.ok && again.stored === "shared";
      });
    } else assert.deepEqual(reply, { ok: true, stored: "shared" });
  });

  test("a client that opens a document later, on another replica, gets all of it", async () => {
    const id = newId();
    const ada = await person(urls()[0] ?? "", id);
    ada.provider.awareness.setLocalState({ user: { name: "Ada" } });
    ada.text.insert(0, "x".repeat(1000));
    await ada.provider.whenSaved();
    const bob = await person(urls()[2] ?? "", id);
    assert.equal(bob.text.length, 1000);
    await waitFor("Bob sees Ada", () => bob.provider.awareness.getStates().has(ada.doc.clientID));
  });

  test("a long log is merged by one of them while all write, and nothing is lost", async () => {
    const id = newId();
    const people = await onEach(id);
    for (let index = 0; index < 120; index += 1) {
      for (const { text } of people) text.insert(text.length, "y");
      await Promise.all(people.map(({ provider }) => provider.whenSaved()));
    }
    assert.equal((await waitForConvergence(people)).length, 360);
    const fresh = await person(urls()[1] ?? "", id);
    assert.equal(fresh.text.length, 360);
    for (const { close } of people) close();
    fresh.close();
    const again = await person(urls()[0] ?? "", id);
    assert.equal(again.text.length, 360);
  });
});
