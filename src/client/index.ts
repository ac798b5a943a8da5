export { type ConnectOptions, type TrimaranClient, connect, refusalOf } from "./connect.ts";
export {
  type DocumentAccess,
  DocumentProvider,
  type ProviderOptions,
  type ProviderState,
  type ProviderStatus,
} from "./provider.ts";
export { type OutboxOptions, createOutbox } from "./outbox.ts";
export type {
  ClientToServerEvents,
  ErrorReply,
  Mode,
  Reply,
  ServerToClientEvents,
} from "../realtime/events.ts";
