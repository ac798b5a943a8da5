import type { Logger } from "../shared/log.ts";
import type { RedisLink } from "./link.ts";
import type { StreamReader } from "./stream-reader.ts";

export interface AdapterClientOptions {
  link: RedisLink;
  reader: StreamReader;
  log: Logger;
}

type Listener = (payload: Buffer, channel: string) => void;

/**
 * What the official streams adapter takes for its Redis client.
 *
 * Handing it this instead of a real client is where its troubles with an absent Redis end:
 * publishing fails fast instead of queueing, reading resumes where it stopped and pauses instead of
 * running hot, and nothing rejects with nobody listening. The names are node-redis' own; the adapter
 * recognizes node-redis by `sSubscribe`.
 */
export function createAdapterClient({ link, reader, log }: AdapterClientOptions) {
  /** For what the adapter sends without looking at the outcome. */
  function unheeded(what: string, work: Promise<unknown>): Promise<number> {
    return work.then(
      () => 1,
      (error: unknown) => {
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
    xAdd: (stream: string, id: string, fields: Record<string, string>, options: object) =>
      link.run((redis) => redis.xAdd(stream, id, fields, options)),
    xRange: (stream: string, start: string, end: string) =>
      link.run((redis) => redis.xRange(stream, start, end)),
    set: (key: string, value: string, { PX }: { PX: number }) =>
      unheeded(
        "saving a session",
        link.run((redis) => redis.set(key, value, { expiration: { type: "PX", value: PX } })),
      ),
    multi: () => getAndDelete(link),

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
    subscribe: (channels: string[], listener: Listener) =>
      // Waits in the dedicated client's queue until Redis answers, and is renewed by it ever after.
      unheeded("subscribing", subscribe(link, channels, listener)),
    sSubscribe: (channel: string, listener: Listener) =>
      unheeded("subscribing", subscribe(link, [channel], listener)),
    sendCommand: (command: string[]) => link.run((redis) => redis.sendCommand(command)),
  };
  return client;
}

/** Subscribes once Redis is up, and again as often as that fails. */
async function subscribe(link: RedisLink, channels: string[], listener: Listener): Promise<void> {
  const subscriber = link.dedicated();
  await link.whenUp();
  await subscriber.subscribe(channels, listener as never, true);
}

/** The one transaction the adapter makes: taking a saved session. */
function getAndDelete(link: RedisLink) {
  let key = "";
  const transaction = {
    get: (name: string) => ((key = name), transaction),
    del: () => transaction,
    exec: () => link.run((redis) => redis.multi().get(key).del(key).exec()),
  };
  return transaction;
}
