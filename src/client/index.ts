export {
  type AppClientEvents as ClientToServerEvents,
  type AppServerEvents as ServerToClientEvents,
  type ConnectOptions,
  type TrimaranClient,
  connect,
  refusalOf,
} from "./connect.ts";
export { createAwareness } from "./presence.ts";
export {
  type RoomAccess,
  type RoomMember,
  type RoomOptions,
  type RoomState,
  type RoomStatus,
  joinRoom,
} from "./room.ts";
export { untilAnswered } from "./until-answered.ts";
export type { Mode } from "../platform/gateway/contract.ts";
export type { ErrorReply } from "../platform/util/errors.ts";
