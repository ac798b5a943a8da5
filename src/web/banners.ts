import { create, find } from "./dom.ts";

export type BannerKind = "degraded" | "refused" | "connection" | "access" | "part";

/** Shows the one banner of a kind, or with no text removes it. */
export function banner(kind: BannerKind, text: string | undefined): void {
  const banners = find("banners");
  const current = banners.querySelector(`.${kind}`);
  if (text === undefined) current?.remove();
  else if (!current) banners.append(create("p", `banner ${kind}`, text));
  // Equal text is left alone, for a screen reader would read it again.
  else if (current.textContent !== text) current.textContent = text;
}
