import type { Logger } from "../observability/log.ts";
import type { RedisLink } from "./connection-supervisor.ts";
import type { Publisher } from "./publisher.ts";
import type { StreamReader } from "./stream-reader.ts";

export interface AdapterClientOptions {
  link: RedisLink;
  reader: StreamReader;
  publisher: Publisher;
  log: Logger;
  /** Told of every message of the adapter's channels, in the place of its own listener. */
  onPubSub: (payload: Buffer) => void;
}

const retryMs = 500;

/**
 * What the official streams adapter takes for its Redis client.
 *
 * Handing it this instead of a real client is where its troubles with an absent Redis end:
 * publishing fails fast instead of queueing, reading resumes where it stopped and pauses instead of
 * running hot, and nothing rejects with nobody listening. The names are node-redis' own; the adapter
 * recognizes node-redis by `sSubscribe`. What it needs for sessions is not here: see delivery/recovery.ts.
 */
export function createAdapterClient({ link, reader, publisher, log, onPubSub }: AdapterClientOptions) {
  /** For what the adapter sends without looking at the outcome. */
  function unheeded(what: string, work: Promise<unknown>): Promise<number> {
    return work.then(
      () => 1,
      (error: unknown) => {
        // What is no error of Redis was logged where it happened.
        log.debug({ err: error }, `${what} was not possible`);
        return 0;
      },
    );
  }

  const client = {
    on: () => client,
    connect: () => Promise.resolve(client),
    duplicate: () => client,
    disconnect: () => Promise.resolve(),

    async xRead(_streams: unknown, options: { COUNT: number }) {
      const messages = await reader.next(options.COUNT);
      return messages && [{ messages }];
    },
    xAdd: (_stream: string, _id: string, fields: Record<string, string>) => publisher.publish(fields),

    publish: (channel: string, payload: Buffer) =>
      unheeded(
        "publishing",
        link.run((redis) => redis.publish(channel, payload)),
      ),
    sPublish: (channel: string, payload: Buffer) =>
      unheeded(
        "publishing",
        link.run((redis) => redis.sPublish(channel, payload)),
      ),
    subscribe: (channels: string[]) => subscribe(link, channels, onPubSub),
    sSubscribe: (channel: string) => subscribe(link, [channel], onPubSub),
    sendCommand: (command: string[]) => link.run((redis) => redis.sendCommand(command)),
  };
  return client;
}

/** Subscribes on every new connection, and again as often as that fails. */
function subscribe(
  link: RedisLink,
  channels: string[],
  listener: (payload: Buffer) => void,
): Promise<number> {
  const current = link.dedicated(async (opened) => {
    for (;;) {
      await link.whenUp();
      if (link.isClosed() || opened !== current()) return;
      try {
        // Waits in the client's queue until it is connected, and is renewed by it ever after.
        return await opened.subscribe(channels, listener as never, true);
      } catch {
        // Waited too long in the queue, or the connection broke: the next attempt tells.
        await new Promise((resolve) => setTimeout(resolve, retryMs));
      }
    }
  });
  return Promise.resolve(1);
}
