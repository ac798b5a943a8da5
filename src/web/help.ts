import { find } from "./dom.ts";

/** The list of keys: by its button, or by `?` where nothing is typed. */
export function bindHelp(): void {
  const dialog = find<HTMLDialogElement>("help");
  find("help-open").addEventListener("click", () => dialog.showModal());
  find("help-close").addEventListener("click", () => dialog.close());
  document.addEventListener("keydown", (event) => {
    const { target } = event;
    const isTyping = target instanceof HTMLElement && target.closest("input, textarea, [contenteditable]");
    if (event.key !== "?" || isTyping || dialog.open) return;
    event.preventDefault();
    dialog.showModal();
  });
}
