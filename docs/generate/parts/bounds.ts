import { boundVariables } from "../../../src/config/bounds.ts";
import { table } from "../table.ts";

/** What each bounds; a new one without a row here is a type error. */
export const bounded: Record<keyof typeof boundVariables.entries, string> = {
  HEADERS_TIMEOUT_MS: "time for the headers of a request, which Bun does not let a server set",
  BODY_TIMEOUT_MS: "time for the rest of a request, and for a client that stops reading an answer",
  CONNECT_TIMEOUT_MS: "time from a connection of Socket.IO to its first namespace",
  MAX_HEADER_BYTES: "bytes of a request's address and headers, which Bun does not let a server set",
  MAX_PIPELINED: "requests of one connection that wait behind another one",
  MAX_WAITING_PACKETS: "packets of one connection that wait, or are in one long-polling body",
  MAX_CONNECT_BYTES: "bytes of a CONNECT: the namespace's name and `auth`",
  MAX_ENTERING: "connections of Socket.IO from one address that have not entered a namespace",
  MAX_NAMESPACES: "namespaces of one connection, entered or asked for",
  MAX_FAILED_ATTEMPTS: "attempts of one connection to enter a namespace that fail",
  MAX_ATTACHMENTS: "attachments of one event",
  ATTACHMENTS_TIMEOUT_MS: "time in which all attachments of an event must come",
  MAX_WAITING_EVENTS: "events of one socket that wait for their turn",
  HANDLER_TIMEOUT_MS: "time for the handler of an event, and for each feature's part of joining a room",
  REFUSAL_RATE: "refused events of one socket; a client that goes on is disconnected",
  MAX_UPDATE_BYTES:
    "bytes of an update; a request's body and an event with its attachments may have 4/3 of it and 64 KiB",
  MAX_BUFFERED_BYTES:
    "bytes that wait for one client of Socket.IO to read them, besides one packet; on Bun, 64 KiB more",
  ANSWERS_MAX_BYTES: "bytes of answers over HTTP that clients of one address have not read",
  USER_ANSWERS_MAX_BYTES: "the same of one user",
  ANSWERS_TOTAL_BYTES: "the same in all, on one replica",
};

interface Entry {
  default: string;
  wrapped: { pipe: readonly { message?: unknown }[] };
}

/** Each bound of what one replica takes from a client, with its setting, its default and what it may be. */
export default function bounds(): string {
  const rows = Object.entries(bounded).map(([variable, what]) => {
    const entry = boundVariables.entries[variable as keyof typeof bounded] as unknown as Entry;
    const values = entry.wrapped.pipe.map(({ message }) => message).find((each) => typeof each === "string");
    return [`\`${variable}\``, what, entry.default, String(values)];
  });
  return table(["setting", "bounds", "default", "may be"], rows);
}
