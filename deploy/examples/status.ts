import type { DocumentProvider } from "trimaran/client";

/** Says whether all is saved. */
export function showStatus(provider: DocumentProvider): void {
  const line = document.querySelector("#status");
  const show = () => {
    const { status, unsavedChanges } = provider.state;
    const text = { connecting: "Connecting…", offline: "Offline, your edits are kept", synced: "Saved" }[
      status
    ];
    if (line) line.textContent = unsavedChanges && status === "synced" ? "Saving…" : text;
  };
  provider.on("state", show);
  show();
}
