import type { DocumentProvider } from "trimaran/client";

/** Says whether all is saved, or what `synced` is where nothing is to be saved. */
export function showStatus(provider: DocumentProvider, synced = "Saved"): void {
  const line = document.querySelector("#status");
  const show = () => {
    const { status, unsavedChanges } = provider.state;
    const text = { connecting: "Connecting…", offline: "Offline, your edits are kept", synced }[status];
    if (line) line.textContent = unsavedChanges && status === "synced" ? "Saving…" : text;
  };
  provider.on("state", show);
  show();
}
