import { type RoomId, asRoomId } from "../contract/room-id.ts";

/** All rooms, and the connection itself. */
export const everything: unique symbol = Symbol("everything");

/** What a revocation takes away: one room, or everything. */
export type Scope = RoomId | typeof everything;

/** As a scope is stored, since the first version: everything is an empty text, which is no room's id. */
export const storeScope = (scope: Scope): string => (scope === everything ? "" : scope);

/** Reads what `storeScope` made; an absent field is everything too. */
export const readScope = (stored: string | undefined): Scope =>
  stored === undefined || stored === "" ? everything : asRoomId(stored);
