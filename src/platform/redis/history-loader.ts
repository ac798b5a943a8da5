import { MessageType } from "socket.io-adapter";
import type { RecentEvent, RecentEvents } from "../delivery/recent-events.ts";
import { isRecoverable } from "../delivery/recovery.ts";
import type { StreamEntry } from "./batch.ts";
import type { BroadcastData } from "./messages.ts";
import type { StreamReader } from "./stream-reader.ts";

export interface BackfillOptions {
  recent: RecentEvents;
  reader: StreamReader;
  maxEntries: number;
  namespace: string;
  isServerEvent: (event: string, payload: unknown, namespace: string) => boolean;
  selfHealing: ReadonlySet<string>;
}

/**
 * Makes the recent events reach back to an offset, as for a client of a replica that died, coming to
 * one that has just started. One read at a time, shared: those who come after find it done.
 *
 * @returns false when the offset is not in the stream any more, or Redis does not answer.
 */
export function createBackfill(options: BackfillOptions) {
  const { recent, reader, maxEntries, namespace, selfHealing, isServerEvent } = options;
  let last: Promise<unknown> = Promise.resolve();

  async function extend(offset: string): Promise<boolean> {
    const start = recent.start();
    if (start === undefined) return false;
    if (recent.covers(offset)) return true;
    if (!recent.reaches(offset)) return false;
    const entries = await reader.range(offset, start, maxEntries);
    if (!entries) return false;
    if (entries.some(({ message }) => message.gap !== undefined)) return false;
    // Trimmed meanwhile: what was read does not join on to it any more.
    if (recent.start() !== start) return recent.covers(offset);
    recent.prepend(
      entries.flatMap((entry) => toRecentEvent(entry) ?? []),
      offset,
    );
    return true;
  }

  function toRecentEvent({ id, message }: StreamEntry): RecentEvent | undefined {
    if (message.nsp !== namespace || message.type !== String(MessageType.BROADCAST)) return undefined;
    const { packet, opts } = message.decoded as BroadcastData;
    const { number, once, traceparent: _, ...flags } = opts.flags ?? {};
    const [event, payload] = packet.data;
    if (!isRecoverable(packet, { rooms: new Set(), flags }) || selfHealing.has(String(event)))
      return undefined;
    if (!isServerEvent(String(event), payload, namespace)) return undefined;
    return {
      offset: id,
      key: once ?? `${message.uid}:${number}`,
      rooms: opts.rooms,
      except: opts.except,
      args: packet.data,
    };
  }

  return (offset: string): Promise<boolean> => {
    const done = last.then(() => extend(offset)).catch(() => false);
    last = done;
    return done;
  };
}
