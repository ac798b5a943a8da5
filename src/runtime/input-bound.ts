import type { EngineTransport } from "./engine-connection.ts";

/**
 * Bounds what a transport takes at once: a body of long-polling, or a message of a WebSocket. Each is held until it
 * is whole, so the bound is what a client can have held by never sending the rest. Bun's WebSockets have one bound
 * for all, which is the largest.
 */
export function boundInput(transport: EngineTransport, maxBytes: number): void {
  transport.maxHttpBufferSize = maxBytes;
  // What `ws` calls `maxPayload`; it can be set for a server alone, but is read for every frame.
  const receiver = transport.socket?._receiver;
  if (receiver) receiver._maxPayload = maxBytes;
}
