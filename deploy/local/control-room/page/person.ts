import { type TrimaranClient, connect, refusalOf } from "../../../../src/client/index.ts";
import { create, find } from "../../../../src/web/dom.ts";
import type { PaneJoining, PaneUser } from "../../../../src/web/pane.ts";

export interface PersonOptions {
  name: string;
  color: string;
  url: string;
  room: string;
  join: (user: PaneUser) => PaneJoining;
}

export type Person = ReturnType<typeof createPerson>;

/** One of the two users: a connection and a membership of its own, and a panel for what the user sees. */
export function createPerson({ name, color, url, room, join }: PersonOptions) {
  // Each a connection of its own, and no other transport than WebSocket: long-polling needs the balancer's cookie,
  // which a browser keeps from a page of another site.
  const socket: TrimaranClient = connect(url, { name, forceNew: true, transports: ["websocket"] });
  const listeners = new Set<() => void>();
  const changed = () => listeners.forEach((listener) => listener());
  let refusal: string | undefined;
  let place: { nodeId: string; mode: string } | undefined;

  // With AUTH_SECRET and the like set, which these two have no token for.
  socket.on("connect_error", (error) => {
    refusal = refusalOf(error)?.message;
    changed();
  });
  socket.on("mode", ({ nodeId, mode }) => {
    refusal = undefined;
    place = { nodeId, mode };
    changed();
  });
  socket.on("disconnect", () => {
    place = undefined;
    changed();
  });

  const { panel, label, body } = createPanel(name, color);
  const isDegraded = () => place?.mode === "degraded";
  const user: PaneUser = { name, color, socket, room, body, isDegraded, refresh: changed };
  const { member, awareness, status } = join(user);
  awareness.setLocalStateField("user", { name, color });
  member.on("state", changed);

  listeners.add(() => {
    panel.dataset["status"] = member.state.status;
    const where = place ? `on ${place.nodeId}` : refusal ? `refused: ${refusal}` : "not connected";
    const { text, kind } = status();
    label.textContent = `${where}, ${text}`;
    label.dataset["kind"] = kind;
  });
  changed();

  return {
    ...user,
    member,
    awareness,
    /** The replica it is connected to. */
    place: () => place,
    onChange: (listener: () => void) => void listeners.add(listener),
  };
}

function createPanel(name: string, color: string) {
  const panel = create("article", "card panel");
  panel.dataset["testid"] = `panel-${name}`;
  panel.ariaLabel = `What ${name} sees`;
  const head = create("header", "panel-head");
  const label = create("span", "panel-status");
  label.dataset["testid"] = `status-${name}`;
  head.append(badge(name, color), create("h2", "", name), label);
  const body = create("div", "panel-body");
  panel.append(head, body);
  find("panels").append(panel);
  return { panel, label, body };
}

/** A round one with the first letter. */
export function badge(name: string, color: string): HTMLElement {
  const element = create("span", "badge", name.slice(0, 1));
  element.style.backgroundColor = color;
  element.ariaHidden = "true";
  return element;
}
