import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Socket } from "socket.io-client";
import * as v from "valibot";
import { waitFor } from "../../../deploy/local/process.ts";
import { defineContract } from "../../../src/platform/contract/define.ts";
import type { ClientToServerEvents, ServerToClientEvents } from "../../../src/platform/contract/types.ts";
import { defineFeature } from "../../../src/platform/feature.ts";
import { useApp } from "../../support/app.ts";
import { useSockets } from "../../support/sockets.ts";
import { authSecret, makeToken } from "../../support/tokens.ts";

const lobby = defineContract("lobby", {
  namespace: "/lobby",
  events: { wave: { summary: "Waves.", payload: {}, reply: {} } },
  pushes: { waved: { summary: "A client waved.", payload: { from: v.string() }, recover: true } },
});
const lobbyFeature = defineFeature({
  contract: lobby,
  create: ({ rooms }) => ({
    handlers: {
      async wave({ name }) {
        await rooms.publishToAll("waved", { from: name });
        return {};
      },
    },
  }),
});
const newsFeature = defineFeature({
  contract: defineContract("news", {
    namespace: "/news",
    pushes: { news: { summary: "News.", payload: { text: v.string() }, recover: false } },
  }),
  create: () => ({}),
});
type LobbyClient = Socket<ServerToClientEvents<typeof lobby>, ClientToServerEvents<typeof lobby>>;

describe("a feature in a namespace of its own", () => {
  const url = useApp([lobbyFeature, newsFeature], { AUTH_SECRET: authSecret });
  const { socketTo } = useSockets();
  const clientOf = async (namespace: string, name: string) =>
    socketTo(url() + namespace, { token: await makeToken({ sub: name, name }) }) as unknown as LobbyClient;

  test("a push of no room reaches all clients of the namespace, and no others", async () => {
    const seen: string[] = [];
    const clients = await Promise.all([
      clientOf("/lobby", "Ada"),
      clientOf("/lobby", "Bob"),
      clientOf("", "Eve"),
    ]);
    const [ada, , eve] = clients;
    for (const [index, client] of clients.entries())
      client.on("waved", ({ from }) => void seen.push(`${index} saw ${from}`));
    await waitFor("all are connected", () => clients.every(({ connected }) => connected));
    assert.deepEqual(await ada?.emitWithAck("wave", {}), { ok: true });
    await waitFor("the lobby saw Ada", () => seen.length >= 2);
    const refused = await eve?.emitWithAck("wave", {});
    assert.equal(refused && !refused.ok && refused.error.code, "invalid");
    assert.deepEqual(seen.toSorted(), ["0 saw Ada", "1 saw Ada"]);
  });

  for (const namespace of ["/lobby", "/news"])
    test(`${namespace} refuses a client without a token`, async () => {
      const outsider = socketTo(url() + namespace);
      const message = await new Promise((resolve) => {
        outsider.on("connect", () => resolve("connected"));
        outsider.on("connect_error", (error) => resolve(error.message));
      });
      assert.match(String(message), /token/);
    });
});
