import type { Packet } from "./inbox.ts";

/** What is used of an Engine.IO connection; alike in engine.io and in the Bun engine. */
export interface EngineConnection {
  id: string;
  readyState: string;
  transport: EngineTransport;
  on(event: "packetCreate", listener: (this: EngineConnection, packet: Packet) => void): unknown;
  on(
    event: "upgrading" | "upgrade",
    listener: (this: EngineConnection, transport: EngineTransport) => void,
  ): unknown;
  on(event: "close", listener: (this: EngineConnection) => void): unknown;
  write(data: string): unknown;
  close(discard?: boolean): unknown;
}

export interface EngineTransport {
  name: string;
  onPacket(packet: Packet): void;
  close(): void;
  /** Of long-polling: the largest body. engine.io reads it with every piece of one, the Bun engine never. */
  maxHttpBufferSize?: number;
  /** The WebSocket: `ws` can be told to read no more for a while, Bun's can't. */
  socket?: {
    pause?: () => void;
    resume?: () => void;
    terminate?: () => void;
    _receiver?: { _maxPayload: number };
  };
}
