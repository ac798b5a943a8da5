interface Ending {
  listeners(event: "close"): ((...args: never[]) => void)[];
  removeListener(event: "close", listener: (...args: never[]) => void): unknown;
  on(event: "close", listener: (this: { id: string }) => void): unknown;
}

/**
 * Lets go of a connection's handshake. The first to listen for its end is the engine itself, with a function
 * made in the middle of the handshake: it keeps the request, its headers and all else that was at hand there
 * alive as long as the connection. One function of the server's does the same. Worth 1-3 KB a connection.
 *
 * @param forget takes the connection off the engine's list.
 */
export function leaveHandshakeBehind(connection: Ending, forget: (this: { id: string }) => void): void {
  const [engines] = connection.listeners("close");
  if (!engines) return;
  connection.removeListener("close", engines);
  connection.on("close", forget);
}

/** What Socket.IO, and most middleware, looks at of a handshake's request. */
interface HandshakeRequest {
  headers: unknown;
  url?: string;
  method?: string;
  _query?: unknown;
  connection?: { encrypted?: boolean };
}

/**
 * Keeps of a request what another namespace's handshake needs, once the first one is through. `socket.request`
 * has these fields from then on; all of them are in `socket.handshake` too. Worth 3 KB a connection.
 */
export function leaveRequestBehind(connection: { request: object }): void {
  const { headers, url, method, _query, connection: socket } = connection.request as HandshakeRequest;
  connection.request = { headers, url, method, _query, connection: { encrypted: socket?.encrypted } };
}
