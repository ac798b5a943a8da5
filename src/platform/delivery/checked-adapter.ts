import type { Namespace } from "socket.io";
import { Adapter, type BroadcastOptions } from "socket.io-adapter";
import type { Logger } from "../observability/log.ts";
import { emitEach } from "../util/emit-each.ts";
import type { Packet } from "../util/fan-out.ts";
import { type Targets, checkEventName, checkRoomList, checkRooms, checkTargets } from "./mistakes.ts";

/** Rooms in memory, with calls of the app checked (mistakes.ts), and its listeners of rooms kept from ending a join. */
export abstract class CheckedAdapter extends Adapter {
  protected readonly log: Logger;

  constructor(namespace: Namespace, log: Logger) {
    super(namespace);
    this.log = log;
  }

  /** Sends a packet that was checked. It throws what the app is to see at its line, before it has an effect. */
  protected abstract send(packet: Packet, to: BroadcastOptions): Promise<boolean>;

  override broadcast(packet: Packet, to: BroadcastOptions): Promise<boolean> {
    checkEventName("emit", packet.data[0]);
    checkTargets(to);
    return this.send(packet, to);
  }

  override broadcastWithAck(
    packet: Packet,
    to: BroadcastOptions,
    ...callbacks: [onCount: (clientCount: number) => void, onAnswer: (...args: unknown[]) => void]
  ): void {
    checkEventName("emitWithAck", packet.data[0]);
    checkTargets(to);
    super.broadcastWithAck(packet, to, ...callbacks);
  }

  override addAll(id: string, rooms: Set<string>): Promise<void> | void {
    checkRooms("socket.join", rooms);
    return super.addAll(id, rooms);
  }

  override del(id: string, room: string): void {
    checkRooms("socket.leave", [room]);
    super.del(id, room);
  }

  override addSockets(of: BroadcastOptions, rooms: string[]): void {
    checkTargets(of);
    checkRoomList("socketsJoin", rooms);
    super.addSockets(of, rooms);
  }

  override delSockets(of: BroadcastOptions, rooms: string[]): void {
    checkTargets(of);
    checkRoomList("socketsLeave", rooms);
    super.delSockets(of, rooms);
  }

  override disconnectSockets(of: BroadcastOptions, close: boolean): void {
    checkTargets(of);
    super.disconnectSockets(of, Boolean(close));
  }

  override async fetchSockets(of: Targets): ReturnType<Adapter["fetchSockets"]> {
    checkTargets(of);
    return super.fetchSockets(of as BroadcastOptions);
  }

  override emit(event: string | symbol, ...args: unknown[]): boolean {
    return emitEach(this, event, args, (error) =>
      this.log.error({ err: error, event }, "a listener of rooms failed"),
    );
  }
}
