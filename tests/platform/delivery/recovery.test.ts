import assert from "node:assert/strict";
import type { AddressInfo } from "node:net";
import { createServer } from "node:http";
import { test } from "node:test";
import { pino } from "pino";
import { Server } from "socket.io";
import { io as connect } from "socket.io-client";
import { waitFor } from "../../../deploy/local/process.ts";
import { createRecentEvents } from "../../../src/platform/delivery/recent-events.ts";
import { createMemorySessions } from "../../../src/platform/delivery/sessions.ts";
import { attachRecovery } from "../../../src/platform/redis/attach-recovery.ts";

test("rooms that a socket joins and leaves in one turn are saved together, and joining is over when they are", async () => {
  const http = createServer();
  const server = new Server(http, { connectionStateRecovery: {} });
  const namespace = server.of("/");
  const memory = createMemorySessions(60_000);
  let saves = 0;
  let isBroken = false;
  const recovery = attachRecovery({
    namespace,
    adapter: namespace.adapter,
    history: {
      recent: createRecentEvents({ isAfter: (a, b) => a > b, maxEvents: 10, maxBytes: 1000 }),
      cover: async () => false,
      isCovered: () => false,
    },
    sessions: {
      ...memory,
      save(...args) {
        saves += 1;
        return isBroken ? Promise.reject(new Error("broken")) : memory.save(...args);
      },
    },
    refreshEveryMs: 60_000,
    log: pino({ level: "silent" }),
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const client = connect(`http://127.0.0.1:${(http.address() as AddressInfo).port}`, {
    transports: ["websocket"],
  });
  try {
    const socket = await waitFor("it is connected", () => [...namespace.sockets.values()][0]);
    const { pid } = socket as unknown as { pid: string };
    const savedRooms = async () => (await memory.load(pid))?.rooms.toSorted();
    await waitFor("it is saved", async () => (await savedRooms())?.length === 1);
    saves = 0;
    const rooms = Array.from({ length: 1000 }, (_, index) => `room-${index}`);
    await Promise.all(rooms.map((room) => socket.join(room)));
    assert.deepEqual(await savedRooms(), [socket.id, ...rooms].toSorted());
    assert.ok(saves <= 2, `${saves} saves`);
    for (const room of rooms) void socket.leave(room);
    await socket.join("last");
    assert.deepEqual(await savedRooms(), [socket.id, "last"].toSorted());
    assert.ok(saves <= 4, `${saves} saves`);
    await socket.join("later");
    assert.equal((await savedRooms())?.length, 3, "the next one is saved as before");
    isBroken = true;
    await assert.rejects(async () => socket.join("in vain"), /broken/);
    isBroken = false;
    await socket.join("after");
    assert.equal((await savedRooms())?.length, 5, "and so is the one after a save that failed");
  } finally {
    client.disconnect();
    recovery.close();
    await server.close();
  }
});
