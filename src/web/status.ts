import type { RoomAccess, RoomState } from "../client/index.ts";
import { announce } from "./announce.ts";
import { banner } from "./banners.ts";
import { find } from "./dom.ts";
import type { Membership } from "./part.ts";

export interface Status {
  text: string;
  kind: "good" | "busy" | "bad";
  /** Shown when the pointer is over the text. */
  title?: string;
  /** A banner, where the user may not do everything. */
  notice: string | undefined;
}

/** Shows how the membership is: in the header, to screen readers, and for styles and tests on the root element. */
export function showStatus(state: RoomState, { text, kind, title = "", notice }: Status): void {
  banner("access", notice);
  document.documentElement.dataset["access"] = state.access;
  document.documentElement.dataset["status"] = state.status;
  const label = find("status");
  label.dataset["kind"] = kind;
  label.textContent = text;
  label.title = title;
  announce(text);
}

/** The status of a membership in which nothing is saved. */
export function bindStatus(member: Membership["member"]): void {
  const show = () => showStatus(member.state, describe(member.state));
  member.on("state", show);
  show();
}

const notices: Record<RoomAccess, string | undefined> = {
  none: "You may not open this room, or not any more.",
  read: "You may read here, and not write.",
  write: undefined,
};

function describe({ status, access }: RoomState): Status {
  const notice = notices[access];
  if (status === "offline") return { text: "Offline", kind: "bad", notice };
  if (access === "none") return { text: "No access", kind: "bad", notice };
  return status === "synced"
    ? { text: "Connected", kind: "good", notice }
    : { text: "Connecting…", kind: "busy", notice };
}
