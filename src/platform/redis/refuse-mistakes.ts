import type { BroadcastOptions } from "socket.io-adapter";
import { checkEventName, checkRoomList, checkRooms, checkTargets } from "../delivery/mistakes.ts";
import type { Logger } from "../observability/log.ts";
import { emitEach } from "../util/emit-each.ts";
import type { Packet } from "../util/fan-out.ts";
import type { StreamsAdapter } from "./ordered-delivery.ts";

/** What `CheckedAdapter` does, for the official adapter, which is made by its package and can't inherit from it. */
export function refuseMistakes(adapter: StreamsAdapter, log: Logger): void {
  const {
    addAll,
    del,
    broadcast,
    broadcastWithAck,
    addSockets,
    delSockets,
    disconnectSockets,
    fetchSockets,
  } = adapter;
  // Socket.IO ignores the promises of three of these.
  const logged = (work: unknown): Promise<void> =>
    Promise.resolve(work).then(
      () => undefined,
      (error: unknown) => log.error({ err: error }, "a change of sockets failed"),
    );

  adapter.addAll = (id, rooms) => {
    checkRooms("socket.join", rooms);
    return addAll.call(adapter, id, rooms);
  };
  adapter.del = (id, room) => {
    checkRooms("socket.leave", [room]);
    return del.call(adapter, id, room);
  };
  adapter.broadcast = (packet: Packet, to: BroadcastOptions) => {
    checkEventName("emit", packet.data[0]);
    checkTargets(to);
    return broadcast.call(adapter, packet, to);
  };
  adapter.broadcastWithAck = (packet: Packet, to, ...callbacks) => {
    checkEventName("emitWithAck", packet.data[0]);
    checkTargets(to);
    broadcastWithAck.call(adapter, packet, to, ...callbacks);
  };
  adapter.addSockets = (of, rooms) => {
    checkTargets(of);
    checkRoomList("socketsJoin", rooms);
    return logged(addSockets.call(adapter, of, rooms));
  };
  adapter.delSockets = (of, rooms) => {
    checkTargets(of);
    checkRoomList("socketsLeave", rooms);
    return logged(delSockets.call(adapter, of, rooms));
  };
  adapter.disconnectSockets = (of, close) => {
    checkTargets(of);
    // Other replicas drop a message with anything but a boolean in it.
    return logged(disconnectSockets.call(adapter, of, Boolean(close)));
  };
  adapter.fetchSockets = async (of) => {
    checkTargets(of);
    return fetchSockets.call(adapter, of);
  };
  adapter.emit = (event: string, ...args: unknown[]) =>
    emitEach(adapter, event, args, (error) => log.error({ err: error, event }, "a listener of rooms failed"));
}
