import { banner } from "../../../web/banners.ts";
import { type Status, showStatus } from "../../../web/status.ts";
import type { DocumentAccess, DocumentProvider, ProviderState } from "../client/index.ts";

/** Whether all is saved, and what stands in the way if not. */
export function bindStatus(provider: DocumentProvider, isKept: () => boolean): void {
  let refused = false;

  function show(state: ProviderState): void {
    if (!state.unsavedChanges && refused) {
      refused = false;
      banner("refused", undefined);
    }
    document.documentElement.dataset["unsaved"] = String(state.unsavedChanges);
    const where = isKept()
      ? "They are kept on this device."
      : "They are kept in this page until it is closed.";
    showStatus(state, {
      text: describe(state, refused),
      kind: kindOf(state, refused),
      title: state.status === "offline" ? where : "",
      notice: notices[state.access],
    });
  }

  provider.on("state", show);
  provider.on("refused", ({ message }) => {
    refused = true;
    banner("refused", `The server refused your last change: ${message}. It is kept in this page only.`);
    show(provider.state);
  });
  warnBeforeLoss(provider, isKept);
  show(provider.state);
}

const notices: Record<DocumentAccess, string | undefined> = {
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

function kindOf({ status, unsavedChanges }: ProviderState, refused: boolean): Status["kind"] {
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
