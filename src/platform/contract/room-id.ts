import * as v from "valibot";

declare const kind: unique symbol;

/** The id of a room, checked: made by `roomIdSchema` alone. */
export type RoomId = string & { readonly [kind]: "room" };

/** A room's id, as it stands in URLs, keys and events. */
export const roomIdSchema = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9._-]{1,128}$/, "expected 1-128 of A-Za-z0-9._-"),
  v.check(
    (id) => id !== "." && id !== "..",
    "expected more than . or .., which mean something else in a URL",
  ),
);

/** Only for an id that `roomIdSchema` took, or that the server itself had before. */
export const asRoomId = (checked: string): RoomId => checked as RoomId;
