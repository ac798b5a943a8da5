import type { Awareness } from "y-protocols/awareness";
import type { RoomMember, RoomState, TrimaranClient } from "../client/index.ts";

/** What the page gives the part of a feature. */
export interface Page {
  /** Not connected yet: it is when all parts are in place. */
  socket: TrimaranClient;
  /** The room that the page shows. */
  room: string;
  /** The page's word for a room: that of a part, or `room`. */
  noun: string;
  /** Keeps apart what users of one browser keep on it: the token's user id, empty without a token. */
  userId: string;
  /** The user's name now. */
  name: () => string;
  /** Where a part puts its elements. */
  places: {
    /** The sheet that takes most of a wide page. Left out of the page when no part puts something here. */
    main: HTMLElement;
    /** Beside it: cards, between the list of people and what serves the page. */
    side: HTMLElement;
    /** In the help: keys and what they do, as `dt` and `dd`. */
    keys: HTMLElement;
    /** In the help: what else users should know. */
    note: HTMLElement;
    /** The link that leads past the header; to all of the page if a part does not set it. */
    skip: HTMLAnchorElement;
  };
}

/** This client in the room. */
export interface Membership {
  member: RoomMember & { readonly state: RoomState };
  /** Presence of the room's members; `user` in a state is the name and colour that the list of people shows. */
  awareness: Awareness;
}

/** What joining gives the page. */
export interface Joining extends Membership {
  /** The page connects when this is done; at once if left out. */
  ready?: Promise<void>;
}

/** A feature's part of the page: what the module that the feature names as its `page` exports as `part`. */
export interface PagePart {
  /**
   * What users call a room where this feature is, and what the server keeps of it: "document". One feature of an app can;
   * with several the page takes that of the first, and shows that there are others.
   */
  noun?: string;
  /**
   * For a feature whose request to join has more in it than the room: joins on every connection, and shows with
   * `showStatus` how that is. One feature of an app can, as with `noun`; without one the page joins, as it does when
   * this throws.
   */
  join?: (page: Page) => Joining;
  /** Puts the part into its places. When it throws, the page shows that, and the rest of it works. */
  mount?: (page: Page & Membership) => void;
  /** Deletes what the feature keeps of a room on this device. */
  forget?: (userId: string, room: string) => Promise<void>;
}
