import type { Access } from "../auth/access.ts";
import type { Action } from "../contract/define.ts";
import type { Limits } from "../limits/limits.ts";
import type { RoomId } from "../contract/room-id.ts";
import type { RunningFeature } from "../feature.ts";
import { pickFields } from "../contract/pick.ts";
import { Refusal } from "../util/errors.ts";
import type { Platform } from "./contract.ts";
import type { Within } from "./handler-deadline.ts";
import type { Handlers, RoomSender } from "./handlers.ts";
import type { Presence } from "./presence.ts";
import { type AllRooms, socketRoom } from "./rooms.ts";
import { type PlatformSocket, whoIs } from "./socket.ts";

export interface MembershipOptions {
  rooms: AllRooms;
  presence: Presence;
  access: Access;
  limits: Limits;
  /** Each may refuse a join, and adds its own to the reply. */
  features: readonly RunningFeature[];
  /** Bounds the time of each feature's part of a join. */
  within: Within;
}

/** Joining and leaving rooms, and being present in them: the platform's own events. */
export function createMembership(options: MembershipOptions) {
  const { rooms, presence, access, limits, features, within } = options;
  /** Of each feature that has a part in joining: what it returns adds to the reply what it declares, and no more. */
  const joins = features.flatMap(({ contract, join }) =>
    join ? { name: contract.name, join, pick: pickFields(contract.join?.reply) } : [],
  );
  const may = (sender: RoomSender, action: Action) =>
    within(access.may(sender.socket.data.user, sender.room, action), "platform", "a permission");

  async function join(sender: RoomSender, payload: object) {
    const { socket, room } = sender;
    for (const { contract, checkJoin } of features)
      if (checkJoin) await within(checkJoin(sender, payload as never), contract.name, "checkJoin");
    const name = socketRoom(room);
    const wasMember = socket.rooms.has(name);
    if (!wasMember && !(await limits.joined.take(whoIs(socket))))
      throw new Refusal("overloaded", "too many documents are open");
    // A room entered after the disconnect would never be left again.
    if (!socket.connected) {
      if (!wasMember) limits.joined.give(whoIs(socket));
      throw new Refusal("unavailable", "the connection is gone");
    }
    // Into the room before a feature reads what is in it: a change is then read, or delivered, or both.
    await socket.join(name);
    try {
      const added = {};
      for (const { name: feature, join, pick } of joins)
        Object.assign(added, pick(await within(join(sender, payload as never), feature, "join")));
      if (!socket.connected) {
        // Left the room meanwhile, perhaps as the last one, before there was anything to release.
        if (!rooms.hasMembersHere(room)) release(room);
        throw new Refusal("unavailable", "the connection is gone");
      }
      // Taken away while a feature read: a client that was no member then was not told.
      if (!(await may(sender, "read"))) throw new Refusal("forbidden", `you may not read document "${room}"`);
      const mayWrite = await may(sender, "write");
      presence.welcome(socket, room);
      return { ...added, access: mayWrite ? ("write" as const) : ("read" as const) };
    } catch (error) {
      if (!wasMember && socket.rooms.has(name)) {
        limits.joined.give(whoIs(socket));
        await socket.leave(name);
      }
      throw error;
    }
  }

  async function leave(socket: PlatformSocket, room: RoomId): Promise<void> {
    presence.forget(socket, room);
    const name = socketRoom(room);
    if (socket.rooms.has(name)) limits.joined.give(whoIs(socket));
    await socket.leave(name);
  }

  function release(room: RoomId): void {
    presence.release(room);
    for (const { onEmpty } of features) onEmpty?.(room);
  }

  rooms.onEmpty(release);

  const handlers: Handlers<Platform> = {
    "join-document": join,
    async "leave-document"({ socket, room }) {
      await leave(socket, room);
      return {};
    },
    "send-presence"({ socket, room }, { update }) {
      presence.update(socket, room, update);
    },
  };
  return {
    handlers,
    leave,
    /** The connection of a member has ended. */
    forget(socket: PlatformSocket, room: RoomId): void {
      presence.forget(socket, room);
      limits.joined.give(whoIs(socket));
    },
  };
}
