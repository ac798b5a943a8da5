const prefix = "document:";

/** The Socket.IO room of a document's members. */
export function documentRoom(documentId: string): string {
  return prefix + documentId;
}

/** The document of a room, or undefined for other rooms. */
export function documentOf(room: string): string | undefined {
  return room.startsWith(prefix) ? room.slice(prefix.length) : undefined;
}
