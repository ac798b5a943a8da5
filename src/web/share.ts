import { announce } from "./announce.ts";
import { find } from "./dom.ts";

const shownMs = 2000;

/** The button that copies the document's address. */
export function bindShareButton(): void {
  const button = find("share");
  const label = button.textContent;
  let timer: ReturnType<typeof setTimeout> | undefined;
  button.addEventListener("click", async () => {
    const copied = await copy(location.href);
    // Without a clipboard the address bar still has it.
    button.textContent = copied ? "Copied" : "Copy it above";
    announce(copied ? "Link copied" : "Copy the link from the address bar");
    clearTimeout(timer);
    timer = setTimeout(() => (button.textContent = label), shownMs);
  });
}

async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

/** Plain-HTTP origins have no `navigator.clipboard`; there the old command is the only way. */
function copyBySelection(text: string): boolean {
  const field = document.createElement("textarea");
  field.className = "hidden";
  field.value = text;
  const focused = document.activeElement;
  document.body.append(field);
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return copied;
}
