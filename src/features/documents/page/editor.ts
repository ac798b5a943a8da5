import Quill, { type EmitterSource, type Op } from "quill";
// CommonJS: its exports come as one default.
import cursorsPackage from "quill-cursors/core";
import { QuillBinding } from "y-quill";
import { find } from "../../../web/dom.ts";
import type { DocumentAccess, DocumentProvider } from "../client/index.ts";
import { type Cursors, createCursorLabels } from "./cursor-labels.ts";
import { registerClipboard } from "./clipboard.ts";
import { formats, safeDelta } from "./safe-delta.ts";
import { safePresence, textName } from "./safe-presence.ts";

Quill.register("modules/cursors", cursorsPackage.default);
registerClipboard();

const toolbar = [
  [{ header: [1, 2, 3, false] }],
  ["bold", "italic", "underline", "strike"],
  [{ list: "ordered" }, { list: "bullet" }, { list: "check" }],
  ["blockquote", "code-block", "link"],
  ["clean"],
];

/** The editor of the document's text, with the cursors of the others in it. */
export function createEditor(provider: DocumentProvider): Quill {
  const container = find("editor");
  const quill: Quill = new Quill(container, {
    theme: "snow",
    bounds: container,
    formats: [...formats],
    modules: {
      toolbar,
      cursors: { transformOnTextChange: true },
      // Undo takes back what I did, not what others did meanwhile.
      history: { userOnly: true },
      // A picture would travel inside the document, which has a size limit.
      uploader: { mimetypes: [] },
      keyboard: {
        bindings: {
          // Outside lists and code the Tab key goes on to the next control, and Escape leaves from anywhere.
          tab: null,
          leave: { key: "Escape", handler: () => quill.blur() },
        },
      },
    },
  });
  quill.root.setAttribute("role", "textbox");
  quill.root.ariaMultiLine = "true";
  quill.root.ariaLabel = "Document text. Escape leaves the editor.";
  labelToolbar(quill);

  const cursors = quill.getModule("cursors") as Cursors;
  // Before the binding, which never changes the name on a cursor that exists.
  createCursorLabels(provider.awareness, cursors);
  const text = provider.doc.getText(textName);
  new QuillBinding(text, takingAnything(quill), safePresence(provider.awareness, text));

  const showPlaceholder = () => {
    const { status, access } = provider.state;
    quill.root.dataset["placeholder"] =
      status === "connecting" && access === "write" ? "Opening…" : placeholders[access];
    quill.enable(access === "write");
  };
  provider.on("state", showPlaceholder);
  showPlaceholder();
  return quill;
}

const placeholders: Record<DocumentAccess, string> = {
  none: "",
  read: "Nothing is written here yet.",
  write: "Write something. All users here see it as you type.",
};

/** The editor as the binding has it: whatever the document holds, it is shown as far as it is safe. */
function takingAnything(quill: Quill): Quill {
  return Object.assign(Object.create(quill) as Quill, {
    setContents: (delta: Op[], source?: EmitterSource) => quill.setContents(safeDelta(delta), source),
    updateContents: (delta: Op[], source?: EmitterSource) => quill.updateContents(safeDelta(delta), source),
  });
}

const labels: Record<string, string> = {
  "list: ordered": "numbered list",
  "list: bullet": "list",
  "list: check": "checklist",
  blockquote: "quote",
  "code-block": "code",
  clean: "remove formatting",
};

/** Quill names its buttons after formats; users get words, also as a hint on hover. */
function labelToolbar(quill: Quill): void {
  const bar = (quill.getModule("toolbar") as { container: HTMLElement }).container;
  bar.ariaLabel = "Formatting";
  for (const button of bar.querySelectorAll("button")) {
    const name = labels[button.ariaLabel ?? ""] ?? button.ariaLabel ?? "";
    button.ariaLabel = name;
    button.title = name.charAt(0).toUpperCase() + name.slice(1);
  }
  const picker = bar.querySelector<HTMLElement>(".ql-header .ql-picker-label");
  if (picker) picker.ariaLabel = picker.title = "Text style";
}
