export {
  type AppClientEvents as ClientToServerEvents,
  type AppServerEvents as ServerToClientEvents,
  type ConnectOptions,
  type TrimaranClient,
  connect,
  refusalOf,
} from "./connect.ts";
export { type RoomMember, joinRoom } from "./room.ts";
export type { Mode } from "../realtime/contract.ts";
export type { ErrorReply } from "../shared/errors.ts";
