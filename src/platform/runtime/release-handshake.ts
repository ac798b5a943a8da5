interface Ending {
  listeners(event: "close"): ((...args: never[]) => void)[];
  removeListener(event: "close", listener: (...args: never[]) => void): unknown;
  on(event: "close", listener: (this: { id: string }) => void): unknown;
}

/**
 * Lets go of a connection's handshake. The first to listen for its end is the engine itself, with a function
 * made in the middle of the handshake: it keeps the request, its headers and all else that was at hand there
 * alive as long as the connection. One function of the server's does the same. On Bun a connection took 14.5 KB
 * before this and the shared listeners of realtime/, and 11 KB after.
 *
 * @param forget takes the connection off the engine's list.
 */
export function leaveHandshakeBehind(connection: Ending, forget: (this: { id: string }) => void): void {
  const [engines] = connection.listeners("close");
  if (!engines) return;
  connection.removeListener("close", engines);
  connection.on("close", forget);
}
