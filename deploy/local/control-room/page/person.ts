import * as Y from "yjs";
import { type TrimaranClient, connect, refusalOf } from "../../../../src/client/index.ts";
import { DocumentProvider } from "../../../../src/features/documents/client/index.ts";
import { create, find } from "../../../../src/web/dom.ts";
import { textName } from "../../../../src/features/documents/page/safe-presence.ts";
import { createSmallEditor } from "./editor.ts";

export interface PersonOptions {
  name: string;
  color: string;
  url: string;
  documentId: string;
}

export type Person = ReturnType<typeof createPerson>;

/** One of the two people: a connection, a document and an editor of their own. */
export function createPerson({ name, color, url, documentId }: PersonOptions) {
  // Each a connection of its own, and no other transport than WebSocket: long-polling needs the balancer's cookie,
  // which a browser keeps from a page of another site.
  const socket: TrimaranClient = connect(url, { name, forceNew: true, transports: ["websocket"] });
  const doc = new Y.Doc();
  const text = doc.getText(textName);
  const provider = new DocumentProvider(socket, documentId, doc);
  provider.awareness.setLocalStateField("user", { name, color });
  const listeners = new Set<() => void>();
  const changed = () => listeners.forEach((listener) => listener());
  const typed = { inserted: 0, deleted: 0 };
  let savedAt = 0;
  let refusal: string | undefined;
  let place: { nodeId: string; mode: string } | undefined;

  text.observe(({ delta, transaction }) => {
    if (transaction.local)
      for (const { insert, delete: removed = 0 } of delta) {
        typed.inserted += typeof insert === "string" ? insert.length : 0;
        typed.deleted += removed;
      }
    changed();
  });
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
  provider.on("state", changed);

  const panel = create("article", "card editor");
  panel.dataset["testid"] = `editor-${name}`;
  panel.ariaLabel = `${name}'s editor`;
  const head = create("header", "editor-head");
  const status = create("span", "editor-status");
  status.dataset["testid"] = `status-${name}`;
  head.append(badge(name, color), create("h2", "", name), status);
  const body = create("div", "editor-body");
  panel.append(head, body);
  find("editors").append(panel);
  const quill = createSmallEditor(body, provider, name);

  listeners.add(() => {
    const { status: now, unsavedChanges } = provider.state;
    panel.dataset["status"] = now;
    panel.dataset["unsaved"] = String(unsavedChanges);
    panel.dataset["on"] = place?.nodeId ?? "";
    const where = place ? `on ${place.nodeId}` : refusal ? `refused: ${refusal}` : "not connected";
    if (!unsavedChanges) savedAt = typed.inserted;
    const unsaved = typed.inserted - savedAt;
    const saved = unsavedChanges ? "saving…" : place?.mode === "degraded" ? "saved on this replica" : "saved";
    status.textContent = now === "synced" ? `${where}, ${saved}` : `${where}, ${unsaved} unsaved and kept`;
    status.dataset["kind"] = now !== "synced" ? "bad" : unsavedChanges ? "busy" : "good";
  });
  changed();

  return {
    name,
    color,
    socket,
    doc,
    text,
    provider,
    quill,
    typed,
    documentId,
    /** The replica it is connected to. */
    place: () => place,
    onChange: (listener: () => void) => void listeners.add(listener),
  };
}

/** A round one with the first letter. */
export function badge(name: string, color: string): HTMLElement {
  const element = create("span", "badge", name.slice(0, 1));
  element.style.backgroundColor = color;
  element.ariaHidden = "true";
  return element;
}

const moveAfterMs = 400;
const maxMoves = 6;

/**
 * Sees to it that the two are on different replicas while there are two that serve: only then does what one types
 * take the way through Redis to the other.
 */
export function keepApart([one, two]: readonly [Person, Person], serving: () => number): void {
  let moves = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const check = () => {
    const here = one.place()?.nodeId;
    if (here === undefined || here !== two.place()?.nodeId) {
      if (here !== undefined && two.place()) moves = 0;
      return;
    }
    timer ??= setTimeout(() => {
      timer = undefined;
      const isTogether = one.place()?.nodeId !== undefined && one.place()?.nodeId === two.place()?.nodeId;
      // The balancer chooses by chance; a few attempts are enough, and without end they would be a nuisance.
      if (!isTogether || serving() < 2 || moves >= maxMoves) return;
      moves += 1;
      // As if the network went: the client comes back by itself.
      two.socket.io.engine.close();
    }, moveAfterMs);
  };
  one.onChange(check);
  two.onChange(check);
}
