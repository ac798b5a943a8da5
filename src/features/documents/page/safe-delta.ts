import type { Op } from "quill";

/** What the editor takes; anything else that is pasted loses its format. */
export const formats = [
  "bold",
  "italic",
  "underline",
  "strike",
  "code",
  "link",
  "color",
  "background",
  "font",
  "size",
  "script",
  "header",
  "list",
  "indent",
  "blockquote",
  "code-block",
  "align",
  "direction",
] as const;

type Check = (value: unknown) => boolean;

const isOn: Check = (value) => value === true;
const oneOf =
  (...values: unknown[]): Check =>
  (value) =>
    values.includes(value);
const text =
  (pattern: RegExp): Check =>
  (value) =>
    typeof value === "string" && pattern.test(value);

/** Names and functions such as `rgb(1, 2, 3)`; no `url(…)`, which would load something. */
const color = text(/^(#[0-9a-f]{3,8}|[a-z]{1,32}|(rgb|hsl)a?\([0-9., %]{1,64}\))$/i);

const checks: Record<(typeof formats)[number], Check> = {
  bold: isOn,
  italic: isOn,
  underline: isOn,
  strike: isOn,
  code: isOn,
  // The schemes that Quill lets through, without what browsers skip in front of one.
  link: text(/^(https?:|mailto:|tel:|sms:)[^\s]{1,2048}$/i),
  color,
  background: color,
  font: oneOf("serif", "monospace"),
  size: oneOf("small", "large", "huge"),
  script: oneOf("sub", "super"),
  header: oneOf(1, 2, 3, 4, 5, 6),
  list: oneOf("ordered", "bullet", "checked", "unchecked"),
  indent: oneOf(1, 2, 3, 4, 5, 6, 7, 8),
  blockquote: isOn,
  "code-block": (value) => value === true || value === "plain",
  align: oneOf("center", "right", "justify"),
  direction: oneOf("rtl"),
};

/** Shown for what is no text: a picture, or whatever else another program put into the document. */
const placeholder = "\u25a1";

/**
 * Changes of the document as the editor may have them. Whoever may write can write anything: pictures that
 * tell who looks, embeds that the editor does not know and fails on, formats of the wrong type. The document
 * keeps all of it; what is shown has the same length, so that positions are the same in both.
 */
export function safeDelta(delta: readonly Op[]): Op[] {
  return delta.map((op) => {
    const { insert, attributes } = op;
    return {
      ...op,
      ...(insert !== undefined && { insert: typeof insert === "string" ? safeText(insert) : placeholder }),
      ...(attributes && { attributes: safeAttributes(attributes) }),
    };
  });
}

/** Quill makes one character of a `\r\n`. */
function safeText(insert: string): string {
  return insert.replaceAll("\r", " ");
}

function safeAttributes(attributes: Record<string, unknown>): Record<string, unknown> {
  const safe: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(attributes)) {
    if (!Object.hasOwn(checks, name)) continue;
    const isValid = !value || checks[name as keyof typeof checks](value);
    // Taken away, not left out: it may stand for a value that was there before.
    safe[name] = isValid ? value : null;
  }
  return safe;
}
