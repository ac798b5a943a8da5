import type { TrimaranClient } from "../client/index.ts";
import type { Membership } from "./part.ts";

/** One of the users that the control room of `npm run cluster` has on the replicas. */
export interface PaneUser {
  name: string;
  /** As `#rrggbb`. */
  color: string;
  socket: TrimaranClient;
  /** The room that all of these users join. */
  room: string;
  /** The user's panel: the pane that joins shows here what the user sees. */
  body: HTMLElement;
  /** Whether the user's replica works without Redis: other replicas get nothing from it until Redis is up. */
  isDegraded: () => boolean;
  /** To be called when `status` of the pane says something else. */
  refresh: () => void;
}

/** `busy`: not done yet, and nothing is lost. */
export type Kind = "good" | "busy" | "bad";

/** What joining gives the control room. */
export interface PaneJoining extends Membership {
  /** Shown behind the replica's name: whether the server has what the user did. */
  status: () => { text: string; kind: Kind };
}

/** What a user does again and again while the autopilot is on. */
export interface Act {
  run: () => void;
  /** How long until the next time. */
  delayMs: () => number;
  /** The autopilot was switched off. */
  rest?: () => void;
}

/** What became of all that the users did. */
export interface Proof {
  kind: Kind;
  /** What was done and what is lost, such as `5 characters typed, 0 lost`; empty while nothing was done. */
  done: string;
  /** What `kind` means at this moment, such as `both documents are equal`. */
  state?: string;
}

/** What a feature does in the control room, for all of its users. */
export interface Pane {
  /** Called for each user when the user has joined. */
  mount?: (user: PaneUser & Membership) => void;
  /** What the autopilot does. Asked once, when all users have joined. */
  acts: () => Act[];
  /** Compares anew what the server acknowledged to one user with what the others have. */
  proof: () => Proof;
}

/**
 * The pane of a feature whose request to join has more in it than the room. One feature of an app can have such a pane;
 * without one the control room joins, and shows presence.
 */
export interface JoiningPane extends Pane {
  /** Joins on every connection, as `join` of a part of the page, and shows in the panel what the user has. */
  join: (user: PaneUser) => PaneJoining;
  /** How to begin, and the texts of the autopilot's button. */
  words: { hint: string; start: string; stop: string };
}

/** What a feature's `control-room/index.ts` exports as `part`. */
export type CreatePane = () => Pane | JoiningPane;
