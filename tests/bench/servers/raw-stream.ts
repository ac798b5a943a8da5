import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createClient } from "redis";
import { WebSocketServer } from "ws";
import { serveCommands } from "../../support/commands.ts";
import { textPacket } from "./payloads.ts";
import { streamCommands } from "./stream-commands.ts";

/*
 * The floor between replicas: the same Redis client, one XADD a message and a loop of XREAD BLOCK, and the
 * WebSocket library that Socket.IO uses. No rooms, no decoding: what is read is sent as it is.
 */

const stream = "bench";
const blockMs = 5000;
const maxEntries = 10_000;

const client = createClient({ url: process.env["REDIS_URL"] ?? "" });
const reading = client.duplicate();
await Promise.all([client.connect(), reading.connect()]);
const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false });
await once(server, "listening");
server.on("connection", (ws) => ws.send("40"));

async function deliver(): Promise<void> {
  let id = "$";
  for (;;) {
    const reply = (await reading.xRead({ key: stream, id }, { COUNT: 500, BLOCK: blockMs })) as
      | { messages: { id: string; message: { data: string } }[] }[]
      | null;
    for (const entry of reply?.[0]?.messages ?? []) {
      ({ id } = entry);
      for (const ws of server.clients) ws.send(entry.message.data);
    }
  }
}
void deliver();

const trim = { strategy: "MAXLEN", strategyModifier: "~", threshold: maxEntries } as const;

serveCommands({
  port: () => (server.address() as AddressInfo).port,
  ...streamCommands((text) => {
    void client.xAdd(stream, "*", { data: textPacket(text) }, { TRIM: trim });
  }),
});
