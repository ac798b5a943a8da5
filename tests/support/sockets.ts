import { afterEach, beforeEach } from "node:test";
import { type ConnectOptions, type TrimaranClient, connect } from "../../src/client/index.ts";
import type { Contract } from "../../src/platform/contract/define.ts";

export type Transport = "websocket" | "polling";

let addresses = 0;

/** An address that no other test has, of the range for benchmarks (RFC 2544). */
export function newAddress(): string {
  addresses += 1;
  return `198.18.${addresses >> 8}.${addresses & 255}`;
}

/** An id of a room of its own for every call, so that tests don't meet. */
export function newId(): string {
  return `test-${Math.random().toString(36).slice(2)}`;
}

/**
 * Clients that are closed after each test. Those of one test share an address that is theirs alone, as users in one
 * office do: servers under test have the limits that production has.
 */
export function useSockets() {
  const open: (() => void)[] = [];
  let address = newAddress();
  beforeEach(() => void (address = newAddress()));
  afterEach(() => {
    for (const close of open.splice(0)) close();
  });

  return {
    /** Connects, without waiting for it. @param C the contracts of the server's features; of this app's if left out. */
    socketTo<C extends Contract = never>(url: string, options: ConnectOptions = {}): SocketOf<C> {
      const extraHeaders = { "x-forwarded-for": address, ...options.extraHeaders };
      const socket = connect(url, { forceNew: true, ...options, extraHeaders });
      open.push(() => socket.disconnect());
      return socket as unknown as SocketOf<C>;
    },
    /** Calls this after the test. */
    onClose: (close: () => void): void => void open.push(close),
  };
}

type SocketOf<C extends Contract> = [C] extends [never] ? TrimaranClient : TrimaranClient<C>;
