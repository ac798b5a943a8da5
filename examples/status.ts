import type { DocumentProvider } from "trimaran/client/documents";

const ofEdits = { offline: "Offline, your edits are kept", synced: "Saved" };

/** Says whether all is saved; or something else, where there is nothing to save. */
export function showStatus(provider: DocumentProvider, texts = ofEdits): void {
  const line = document.querySelector("#status");
  const show = () => {
    const { status, unsavedChanges } = provider.state;
    const text = { connecting: "Connecting…", ...texts }[status];
    if (line) line.textContent = unsavedChanges && status === "synced" ? "Saving…" : text;
  };
  provider.on("state", show);
  show();
}
