import { encode } from "@msgpack/msgpack";
import type { RemoteSocket } from "socket.io";
import { Adapter, type BroadcastOptions, MessageType } from "socket.io-adapter";
import { checkEventName } from "../delivery/mistakes.ts";
import { plainData } from "../delivery/plain-data.ts";
import { Refusal, errorMessage } from "../util/errors.ts";
import type { Packet } from "../util/fan-out.ts";
import type { Logger } from "../observability/log.ts";
import { createRecentKeys } from "../util/recent-keys.ts";
import { checkReadable } from "./batch.ts";
import type { BroadcastFlags } from "./messages.ts";
import type { StreamsAdapter } from "./ordered-delivery.ts";

type Answer = (error: Error | null, answers?: unknown) => void;
type LocalSocket = Pick<RemoteSocket<never, unknown>, "id" | "handshake" | "rooms" | "data">;

export interface AnswersOptions {
  adapter: StreamsAdapter;
  /** Whether Redis answers, waiting out a pause of a moment. */
  answersSoon: () => Promise<boolean>;
  log: Logger;
}

const maxKeys = 1000;
const errorChars = 500;
/** The official adapter's, for questions that come without a time. */
const defaultTimeoutMs = 5000;
const maxTimeoutMs = 10 * 60_000;

/**
 * What replicas ask each other (`fetchSockets`, `serverSideEmit`, `emitWithAck`): an answer that can't be encoded, a
 * listener that throws, or a Redis that does not respond is an error for the caller who asked, and never an exception
 * or a rejection that nothing catches. The official adapter and Socket.IO start these promises without a listener.
 */
export function answerSafely({ adapter, answersSoon, log }: AnswersOptions): void {
  const {
    onMessage,
    onResponse,
    publishResponse,
    serverCount,
    fetchSockets,
    serverSideEmit,
    broadcastWithAck,
  } = adapter;
  const { encoder } = adapter as unknown as { encoder: { encode(packet: Packet): unknown } };
  const told = createRecentKeys(maxKeys);
  /** Answered while its listeners run. */
  let answered: string | undefined;

  function noteLeftOut(key: string): void {
    if (told.has(key)) return;
    told.add(key);
    log.warn(
      { key },
      "socket.data has a value that other replicas can't be sent; their fetchSockets() lacks it",
    );
  }

  /** Of the handshake only what this project knows: `auth`, `query` and headers are the client's, and may be secret. */
  function describe({ id, handshake, rooms, data }: LocalSocket): object {
    const { address, time, issued, secure, xdomain, url } = handshake;
    const own = { address, time, issued, secure, xdomain, url: url?.split("?", 1)[0] };
    return {
      id,
      handshake: { ...own, headers: {}, query: {}, auth: {} },
      rooms: [...rooms],
      data: plainData(data, noteLeftOut),
    };
  }

  async function answerWithSockets(
    asker: string,
    requestId: string,
    options: BroadcastOptions,
  ): Promise<void> {
    const sockets = (await Adapter.prototype.fetchSockets.call(adapter, options)) as LocalSocket[];
    const data = { requestId, sockets: sockets.map(describe) };
    publishResponse.call(adapter, asker, { type: MessageType.FETCH_SOCKETS_RESPONSE, data });
  }

  function answerWithError(asker: string, requestId: string, error: unknown): void {
    const data = { requestId, error: errorMessage(error).slice(0, errorChars).toWellFormed() };
    publishResponse.call(adapter, asker, { type: MessageType.SERVER_SIDE_EMIT_RESPONSE, data });
  }

  adapter.publishResponse = (asker, response) => {
    const { requestId, packet } = response.data;
    answered = requestId;
    try {
      checkReadable(packet);
      publishResponse.call(adapter, asker, response);
    } catch (error) {
      // What a client answered: its replica must not be made to write a log, and the caller's time passes.
      if (response.type === MessageType.BROADCAST_ACK)
        return log.debug({ err: error }, "a client's answer can't be sent to the replica that asked");
      log.error({ err: error }, "the app's answer to another replica can't be encoded");
      answerWithError(asker, requestId, error);
    }
  };

  adapter.onResponse = (response) => {
    const { requestId, error } = response.data;
    if (typeof error !== "string") return onResponse.call(adapter, response);
    const request = adapter.requests.get(requestId);
    if (!request) return;
    adapter.requests.delete(requestId);
    clearTimeout(request.timeout);
    (request.resolve as Answer)(
      new Error(`replica ${response.uid} could not answer: ${error}`),
      request.responses,
    );
  };

  adapter.onMessage = (message, offset) => {
    const { type, uid } = message;
    const { requestId, opts, packet } = (message as { data: QuestionData }).data;
    try {
      if (type === MessageType.FETCH_SOCKETS && opts && requestId !== undefined)
        return void answerWithSockets(uid, requestId, optionsOf(opts)).catch((error: unknown) =>
          log.error({ err: error }, "another replica could not get the list of sockets here"),
        );
      answered = undefined;
      onMessage.call(adapter, message, offset);
      if (type === MessageType.BROADCAST && requestId !== undefined)
        forgetLater(packet as Packet, opts?.flags);
    } catch (error) {
      log.error({ err: error }, "what another replica asked for failed here");
      if (type === MessageType.SERVER_SIDE_EMIT && requestId !== undefined && answered !== requestId)
        answerWithError(uid, requestId, error);
    }
  };

  /** Clients that don't answer in time are not waited for any longer: the replica that asked has given up. */
  function forgetLater({ id }: Packet, flags: BroadcastFlags | undefined): void {
    const asked = flags?.["timeout"];
    const timeoutMs =
      typeof asked === "number" && asked >= 0 ? Math.min(asked, maxTimeoutMs) : defaultTimeoutMs;
    const timer = setTimeout(() => {
      for (const { acks } of adapter.nsp.sockets.values() as Iterable<{ acks: Map<number, unknown> }>)
        if (id !== undefined) acks.delete(id);
    }, timeoutMs);
    timer.unref();
  }

  /** Other replicas that are known of. Socket.IO awaits this without a catch. */
  let known = 1;
  adapter.serverCount = async () => {
    const count = await serverCount.call(adapter).catch(() => known);
    return (known = Math.max(1, Number.isSafeInteger(count) ? count : known));
  };

  const redisIsDown = () =>
    new Refusal("unavailable", "Redis does not respond: other replicas can't be asked");

  adapter.fetchSockets = async (options) => {
    if (options.flags?.local) return Adapter.prototype.fetchSockets.call(adapter, options) as never;
    if (!(await answersSoon())) throw redisIsDown();
    return fetchSockets.call(adapter, options);
  };

  adapter.serverSideEmit = (packet) => {
    checkEventName("serverSideEmit", packet[0]);
    const last = packet.at(-1);
    const sent = typeof last === "function" ? packet.slice(0, -1) : packet;
    // Throws at the app's line; the official adapter would reject a promise that Socket.IO ignores.
    checkReadable(sent);
    if (typeof last !== "function") {
      const { uid, nsp } = adapter;
      void adapter.doPublish({ uid, nsp: nsp.name, type: MessageType.SERVER_SIDE_EMIT, data: { packet } });
      return;
    }
    encode(sent);
    const answer: Answer = (error, answers) => {
      try {
        last(error, answers);
      } catch (thrown) {
        log.error({ err: thrown }, "a callback of serverSideEmit failed");
      }
    };
    answersSoon()
      .then((isUp) => (isUp ? serverSideEmit.call(adapter, [...sent, answer]) : answer(redisIsDown(), [])))
      .catch((error: unknown) => answer(error as Error, []));
  };

  adapter.broadcastWithAck = (packet: Packet, options, ...callbacks) => {
    // Throws before the question is kept for its answers, and before other replicas have it.
    if (!options.flags?.local) {
      checkReadable(packet.data);
      encode(packet.data);
    }
    encoder.encode({ ...packet, nsp: adapter.nsp.name });
    broadcastWithAck.call(adapter, packet, options, ...callbacks);
  };
}

interface QuestionData {
  requestId?: string;
  packet?: unknown;
  opts?: { rooms: string[]; except: string[]; flags?: BroadcastFlags };
}

function optionsOf({ rooms, except, flags }: NonNullable<QuestionData["opts"]>): BroadcastOptions {
  return { rooms: new Set(rooms), except: new Set(except), ...(flags && { flags }) } as BroadcastOptions;
}
