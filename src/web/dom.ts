/** @returns the page's element with this `data-testid`: tests and the page's own code find it by one name. */
export function find<T extends HTMLElement = HTMLElement>(testId: string): T {
  const element = document.querySelector<T>(`[data-testid="${testId}"]`);
  if (!element) throw new Error(`the page has no element with data-testid="${testId}"`);
  return element;
}

/** The elements of markup that is the app's own; what others wrote goes through `create`. */
export function fragment(markup: string): DocumentFragment {
  return document.createRange().createContextualFragment(markup);
}

/** An element with text. Whatever others wrote goes through here: as text, never as markup. */
export function create<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
  text = "",
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.textContent = text;
  return element;
}
