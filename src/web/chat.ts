import type { TrimaranClient } from "../client/index.ts";
import type { DocumentProvider } from "../features/documents/client/index.ts";
import { createOutbox } from "../features/chat/client/index.ts";
import { find } from "./dom.ts";
import { createMessageList } from "./messages.ts";

/** The chat of the people in the document. */
export function bindChat(socket: TrimaranClient, provider: DocumentProvider, myName: () => string): void {
  const { documentId } = provider;
  const messages = createMessageList();
  const unread = createUnread();
  const outbox = createOutbox({
    socket,
    provider,
    onSent: messages.settle,
    onRefused: messages.refuse,
  });

  socket.on("receive-message", (message) => {
    if (message.documentId === documentId && messages.receive(message)) unread.add();
  });
  tellOfGaps(socket, messages.note);

  const input = find<HTMLInputElement>("chat-input");
  const allowOrNot = () => {
    const isDisabled = provider.state.access !== "write";
    input.disabled = find<HTMLButtonElement>("chat-send").disabled = isDisabled;
  };
  provider.on("state", allowOrNot);
  allowOrNot();
  find("chat-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = input.value.trim();
    if (!text) return;
    input.value = "";
    messages.addPending({ id: outbox.add(text), from: myName(), text, sentAt: Date.now() });
  });
}

/** Messages of a short absence are delivered later. When they can't be, the people should know. */
function tellOfGaps(socket: TrimaranClient, note: (text: string) => void): void {
  let lost = false;
  socket.on("disconnect", (reason) => {
    // A change of name takes milliseconds and is wanted.
    if (reason !== "io client disconnect") lost = true;
  });
  socket.on("connect", () => {
    if (lost && !socket.recovered) note("You were away. Messages sent meanwhile may be missing.");
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
