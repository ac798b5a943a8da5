// In this order: later rules go before earlier ones. Those of the features' parts come after all of these.
import "./theme.css";
import "./page.css";
import "./header.css";
import "./small.css";
import { connect, createAwareness, joinRoom } from "../client/index.ts";
import { bindConnection } from "./connection.ts";
import { find } from "./dom.ts";
import { bindHelp } from "./help.ts";
import { loadIdentity } from "./identity.ts";
import { openWhileOffline } from "./open-offline.ts";
import type { Joining, Page } from "./part.ts";
import { type NamedPart, attempt, only, showProblem } from "./parts.ts";
import { bindPeople } from "./people.ts";
import { bindRecent } from "./recent.ts";
import { roomFromAddress } from "./room-name.ts";
import { bindServer } from "./server.ts";
import { bindShareButton } from "./share.ts";
import { bindStatus } from "./status.ts";
import { bindTheme } from "./theme.ts";
import { loadToken, userOf } from "./token.ts";

/** The page: what the platform has to show, and in it the parts of the features. Called by the bundle's entry (bundle.ts). */
export async function openPage(parts: readonly NamedPart[]): Promise<void> {
  bindTheme();
  bindHelp();
  openWhileOffline();
  const named = only(parts, "noun")?.part.noun;
  const noun = named ?? "room";
  const room = roomFromAddress(noun);
  if (room === undefined) return;
  const me = loadIdentity();
  let { name } = me;
  const token = loadToken();
  const options = { name: () => name, autoConnect: false, ...(token !== undefined && { token }) };
  const socket = connect("", options);
  bindConnection(socket);
  const page: Page = {
    socket,
    room,
    noun,
    userId: userOf(token),
    name: () => name,
    places: {
      main: find("main-place"),
      side: find("side-place"),
      keys: find("help-keys"),
      note: find("help-note"),
      skip: find<HTMLAnchorElement>("skip"),
    },
  };
  const joining = only(parts, "join");
  const joined = joining && attempt(joining.feature, "join", () => joining.part.join?.(page));
  const { member, awareness, ready } = joined ?? joinAlone(page);
  bindServer(socket, token, named);
  bindPeople(page, awareness, me, (chosen) => (name = chosen));
  for (const { feature, part } of parts)
    attempt(feature, "mount", () => part.mount?.({ ...page, member, awareness }));
  find("layout").classList.toggle("narrow", page.places.main.childElementCount === 0);
  bindRecent(page, (id) => Promise.all(parts.map(({ part }) => part.forget?.(page.userId, id))));
  bindShareButton();
  // What is on this device is there then: the server is asked for the rest.
  await ready?.catch((error: unknown) => showProblem("What is kept on this device can't be read.", error));
  socket.connect();
}

/** For an app of which no feature joins by itself: presence, and what features say in the room. */
function joinAlone({ socket, room }: Page): Joining {
  const awareness = createAwareness();
  const member = joinRoom(socket, room, { awareness });
  bindStatus(member);
  return { member, awareness };
}
