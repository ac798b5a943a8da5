import type { DocumentProvider } from "trimaran/client/documents";

const texts = { connecting: "Connecting…", offline: "Offline, your edits are kept", synced: "Saved" };

/** Says whether all is saved. */
export function showStatus(provider: DocumentProvider): void {
  const line = document.querySelector("#status");
  const show = () => {
    const { status, unsavedChanges } = provider.state;
    if (line) line.textContent = unsavedChanges && status === "synced" ? "Saving…" : texts[status];
  };
  provider.on("state", show);
  show();
}
