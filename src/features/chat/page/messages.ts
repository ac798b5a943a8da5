import { create, find } from "../../../web/dom.ts";

const keptMessages = 200;

export interface Message {
  id: string;
  from: string;
  text: string;
  /** Milliseconds since 1970. */
  sentAt: number;
}

/** The list of messages: delivered ones in the server's order, then those still on their way. */
export function createMessageList() {
  const list = find("chat-list");
  const log = find("chat-log");
  const items = new Map<string, HTMLLIElement>();

  function put(item: HTMLLIElement, isPending: boolean): void {
    const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
    list.insertBefore(item, isPending ? null : list.querySelector(".pending"));
    while (list.childElementCount > keptMessages) {
      const oldest = list.firstElementChild as HTMLElement;
      items.delete(oldest.dataset["id"] ?? "");
      oldest.remove();
    }
    find("chat-hint").hidden = true;
    // Whoever reads further up is left there.
    if (atEnd || item.classList.contains("mine")) log.scrollTop = log.scrollHeight;
  }

  function build({ id, from, text, sentAt }: Message): HTMLLIElement {
    const item = create("li", "message");
    item.dataset["id"] = id;
    const time = create("time", "", clock(sentAt));
    time.dateTime = new Date(sentAt).toISOString();
    const head = create("p", "message-head");
    head.append(create("b", "", from), time);
    item.append(head, create("p", "message-text", text));
    items.set(id, item);
    return item;
  }

  return {
    /** Mine, before the server has it. */
    addPending(message: Message): void {
      const item = build(message);
      item.classList.add("mine", "pending");
      item.querySelector(".message-head")?.append(create("span", "message-state", "sending…"));
      put(item, true);
    },

    /** @returns whether it is new and somebody else's. */
    receive(message: Message): boolean {
      const known = items.get(message.id);
      const isMine = known?.classList.contains("mine") ?? false;
      // After a reconnect a message may come again.
      if (known && !known.classList.contains("pending")) return false;
      known?.remove();
      const item = build(message);
      if (isMine) item.classList.add("mine");
      put(item, false);
      return !isMine;
    },

    settle(id: string): void {
      const item = items.get(id);
      item?.querySelector(".message-state")?.remove();
      item?.classList.remove("pending");
    },

    refuse(id: string, reason: string): void {
      const item = items.get(id);
      item?.classList.replace("pending", "refused");
      const state = item?.querySelector(".message-state");
      if (state) state.textContent = `not sent: ${reason}`;
    },

    note(text: string): void {
      put(create("li", "note", text), false);
    },
  };
}

function clock(ms: number): string {
  return new Date(ms).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
}
