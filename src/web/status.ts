import { type TrimaranClient, refusalOf } from "../client/index.ts";
import type { DocumentAccess, DocumentProvider, ProviderState } from "../features/documents/client/index.ts";
import { announce } from "./announce.ts";
import { banner } from "./banners.ts";
import { find } from "./dom.ts";

/** Whether all is saved, and what stands in the way if not. */
export function bindStatus(provider: DocumentProvider, socket: TrimaranClient, isKept: () => boolean): void {
  const label = find("status");
  let refused = false;

  function show(state: ProviderState): void {
    if (!state.unsavedChanges && refused) {
      refused = false;
      banner("refused", undefined);
    }
    const text = describe(state, refused);
    banner("access", accessTexts[state.access]);
    document.documentElement.dataset["access"] = state.access;
    // Tests, and styles, wait for these rather than for words.
    document.documentElement.dataset["status"] = state.status;
    document.documentElement.dataset["unsaved"] = String(state.unsavedChanges);
    label.dataset["kind"] = kindOf(state, refused);
    label.textContent = text;
    const where = isKept()
      ? "They are kept on this device."
      : "They are kept in this page until it is closed.";
    label.title = state.status === "offline" ? where : "";
    announce(text);
  }

  provider.on("state", show);
  provider.on("refused", ({ message }) => {
    refused = true;
    banner("refused", `The server refused your last change: ${message}. It is kept in this page only.`);
    show(provider.state);
  });
  socket.on("connect", () => banner("connection", undefined));
  socket.on("connect_error", (error) => {
    const refusal = refusalOf(error);
    if (refusal && refusal.code !== "unauthorized")
      banner("connection", `The server refused the connection: ${refusal.message}.`);
  });
  warnBeforeLoss(provider, isKept);
  show(provider.state);
}

const accessTexts: Record<DocumentAccess, string | undefined> = {
  none: "You may not open this document, or not any more. What was not saved is kept in this page only.",
  read: "You may read this document, and not change it.",
  write: undefined,
};

function describe({ status, unsavedChanges }: ProviderState, refused: boolean): string {
  if (status === "offline") return "Offline — your edits are kept";
  if (refused) return "Not saved";
  if (status === "connecting") return "Connecting…";
  return unsavedChanges ? "Saving…" : "Saved";
}

function kindOf({ status, unsavedChanges }: ProviderState, refused: boolean): string {
  if (status === "offline" || refused) return "bad";
  return status === "synced" && !unsavedChanges ? "good" : "busy";
}

function warnBeforeLoss(provider: DocumentProvider, isKept: () => boolean): void {
  const warn = (event: BeforeUnloadEvent) => {
    if (!isKept()) event.preventDefault();
  };
  // Only while needed: the listener alone keeps a page out of the browser's back-forward cache.
  provider.on("state", ({ unsavedChanges }) => {
    if (unsavedChanges && !isKept()) addEventListener("beforeunload", warn);
    else removeEventListener("beforeunload", warn);
  });
}
