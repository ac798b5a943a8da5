import type { TrimaranClient } from "../../../client/index.ts";
import { find } from "../../../web/dom.ts";
import type { Membership, Page } from "../../../web/part.ts";
import { createOutbox } from "../client/index.ts";
import { createMessageList } from "./messages.ts";

/** Messages of the users in the room: what arrives, and what is sent. */
export function bindChat({ socket, room, member, name }: Page & Membership): void {
  const messages = createMessageList();
  const unread = createUnread();
  const outbox = createOutbox({
    socket,
    provider: member,
    onSent: messages.settle,
    onRefused: messages.refuse,
  });

  socket.on("receive-message", (message) => {
    if (message.documentId === room && messages.receive(message)) unread.add();
  });
  tellOfGaps(socket, messages.note);

  const input = find<HTMLInputElement>("chat-input");
  const allowOrNot = () => {
    const isDisabled = member.state.access !== "write";
    input.disabled = find<HTMLButtonElement>("chat-send").disabled = isDisabled;
  };
  member.on("state", allowOrNot);
  allowOrNot();
  find("chat-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = input.value.trim();
    if (!text) return;
    input.value = "";
    messages.addPending({ id: outbox.add(text), from: name(), text, sentAt: Date.now() });
  });
}

/** Messages of a short absence are delivered later. When they can't be, the user has to know. */
function tellOfGaps(socket: TrimaranClient, note: (text: string) => void): void {
  let lost = false;
  socket.on("disconnect", (reason) => {
    // A change of name takes milliseconds and is wanted.
    if (reason !== "io client disconnect") lost = true;
  });
  socket.on("connect", () => {
    if (lost && !socket.recovered) note("You were disconnected. Messages sent meanwhile may be missing.");
    lost = false;
  });
  socket.on("resync", () => note("Some messages may be missing here."));
}

/** The chat folds away; its title then counts what came. */
function createUnread() {
  const chat = find<HTMLDetailsElement>("chat");
  const badge = find("chat-unread");
  let count = 0;

  function show(): void {
    badge.hidden = count === 0;
    badge.textContent = `${count} new`;
  }
  chat.addEventListener("toggle", () => {
    count = 0;
    show();
    if (chat.open) find("chat-log").scrollTop = find("chat-log").scrollHeight;
  });
  // On a phone the text comes first.
  chat.open = matchMedia("(min-width: 60rem)").matches;

  return {
    add(): void {
      if (chat.open) return;
      count += 1;
      show();
    },
  };
}
