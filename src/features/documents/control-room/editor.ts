import Quill, { type EmitterSource, type Op } from "quill";
import cursorsPackage from "quill-cursors/core";
import { QuillBinding } from "y-quill";
import type { DocumentProvider } from "../client/index.ts";
import { type Cursors, createCursorLabels } from "../page/cursor-labels.ts";
import { formats, safeDelta } from "../page/safe-delta.ts";
import { safePresence, textName } from "../page/safe-presence.ts";

Quill.register("modules/cursors", cursorsPackage.default);

/** The demo's editor without its tools: the same document can be open there, with all its formats. */
export function createSmallEditor(container: HTMLElement, provider: DocumentProvider, name: string): Quill {
  const quill: Quill = new Quill(container, {
    formats: [...formats],
    placeholder: `Type as ${name}.`,
    modules: {
      cursors: { transformOnTextChange: true },
      history: { userOnly: true },
      uploader: { mimetypes: [] },
      keyboard: { bindings: { tab: null } },
    },
  });
  quill.root.setAttribute("role", "textbox");
  quill.root.ariaMultiLine = "true";
  quill.root.ariaLabel = `The document, as ${name} has it`;
  createCursorLabels(provider.awareness, quill.getModule("cursors") as Cursors);
  const text = provider.doc.getText(textName);
  // Whatever others put into the document is shown as far as it is safe, as in the demo.
  const safe = Object.assign(Object.create(quill) as Quill, {
    setContents: (delta: Op[], source?: EmitterSource) => quill.setContents(safeDelta(delta), source),
    updateContents: (delta: Op[], source?: EmitterSource) => quill.updateContents(safeDelta(delta), source),
  });
  new QuillBinding(text, safe, safePresence(provider.awareness, text));
  return quill;
}
