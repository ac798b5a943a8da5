/** Where the text of a `style` attribute is found after `muteMarkup`. */
export const mutedStyle = "data-style";

// Linear in the length of the text: neither part of a tag can start again within itself.
const tags = /(<[a-z][a-z0-9:-]{0,40})((?:[^<>"']|"[^"]*"|'[^']*')*>)/gi;
const attributes = /([^\s"'<>/=]+)(\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'>]+))?/g;

/**
 * Gives styles and event handlers in HTML names that mean nothing. For what is only read, never for what would
 * be shown: it is no sanitizer, and markup that is not well-formed gets past it.
 */
export function muteMarkup(html: string): string {
  // Word tells its lists by styles that are none; Quill reads them from the text of the attributes.
  if (html.includes("urn:schemas-microsoft-com:office")) return html;
  return html
    .replace(tags, (_tag, start: string, rest: string) => start + rest.replace(attributes, muteAttribute))
    .replace(/<(\/?)style\b/gi, "<$1template");
}

function muteAttribute(attribute: string, name: string): string {
  return /^(style$|on)/i.test(name) ? `data-${attribute}` : attribute;
}
