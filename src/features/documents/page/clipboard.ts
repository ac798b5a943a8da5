import Quill from "quill";
import ClipboardModule from "quill/modules/clipboard.js";
import { muteMarkup, mutedStyle } from "./mute-markup.ts";

/**
 * Quill's clipboard, under a policy that forbids inline styles. Browsers hold a parsed text to the page's
 * policy even before it is part of the page: what it says inline has no effect, and each is reported. Under
 * other names nothing is reported; styles, which carry colours and bold, are then set as scripts may set them.
 */
class Clipboard extends ClipboardModule {
  protected override convertHTML(html: string) {
    return super.convertHTML(muteMarkup(html));
  }

  protected override normalizeHTML(doc: Document): void {
    for (const element of doc.querySelectorAll<HTMLElement>(`[${mutedStyle}]`))
      element.style.cssText = element.getAttribute(mutedStyle) ?? "";
    super.normalizeHTML(doc);
  }
}

export function registerClipboard(): void {
  Quill.register("modules/clipboard", Clipboard, true);
}
