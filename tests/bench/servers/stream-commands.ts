import { once } from "node:events";
import { connect } from "node:net";
import { sharedMs } from "../clock.ts";
import type { Commands } from "../../support/commands.ts";

export interface Stamped {
  messages: number;
  everyMs: number;
}

export interface Flood {
  forMs: number;
  bytes: number;
  /** Messages that may be under way at once. */
  window: number;
  /** Where the receiving side tells how many it has: a 32-bit number whenever that changes. */
  progressPort: number;
}

export interface Flooded {
  sent: number;
  startedAt: number;
}

/** What a message is for: the first letter of its text. */
export const kinds = { probe: "p", stamped: "s", flood: "f" };

/** The commands that send one message after the other to `room-0`, alike for every server. */
export function streamCommands(emit: (text: string) => void): Commands {
  return {
    /** Shows whether messages get across; not counted. */
    probe: () => emit(kinds.probe),

    /** Each message carries the time at which it was sent, on the machine's shared clock. */
    async stamped({ messages, everyMs }: Stamped): Promise<void> {
      for (let message = 0; message < messages; message += 1) {
        emit(`${kinds.stamped}${sharedMs()}`);
        await new Promise((resolve) => setTimeout(resolve, everyMs));
      }
    },

    /** As much as is kept up with. */
    async flood({ forMs, bytes, window, progressPort }: Flood): Promise<Flooded> {
      const text = kinds.flood.padEnd(bytes, "x");
      const progress = await followProgress(progressPort);
      const startedAt = sharedMs();
      let sent = 0;
      setTimeout(progress.close, forMs);
      while (progress.isOpen()) {
        const until = progress.received() + window;
        for (; sent < until; sent += 1) emit(text);
        await progress.next();
      }
      return { sent, startedAt };
    },
  };
}

async function followProgress(port: number) {
  const socket = connect({ host: "127.0.0.1", port, noDelay: true });
  await once(socket, "connect");
  let rest: Buffer = Buffer.alloc(0);
  let received = 0;
  let isOpen = true;
  let wake = () => {};
  socket.on("data", (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    const end = rest.length - (rest.length % 4);
    if (end === 0) return;
    received = rest.readUInt32BE(end - 4);
    rest = rest.subarray(end);
    wake();
  });
  return {
    received: () => received,
    isOpen: () => isOpen,
    /** Resolves when there is more, or when it is closed. */
    next: () => new Promise<void>((resolve) => (wake = resolve)),
    close() {
      isOpen = false;
      socket.destroy();
      wake();
    },
  };
}
