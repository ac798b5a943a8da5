export const editorMarkup = /* html */ `<div id="editor" data-testid="editor"></div>`;

/** The editor's keys, in the page's list of keys. */
export const keysMarkup = /* html */ `
  <dt><kbd>Tab</kbd></dt>
  <dd>to the next control, also out of the text (in lists and code it indents)</dd>
  <dt><kbd>Esc</kbd></dt>
  <dd>leaves the text, closes what is open</dd>
  <dt><kbd>Ctrl</kbd> or <kbd>⌘</kbd> with <kbd>B</kbd>, <kbd>I</kbd>, <kbd>U</kbd></dt>
  <dd>bold, italic, underlined</dd>
  <dt><kbd>Ctrl</kbd> or <kbd>⌘</kbd> with <kbd>Z</kbd></dt>
  <dd>takes back what you typed, and not what others typed</dd>`;

/** Below the list of keys. */
export const offlineNote =
  "What you write while the server is down stays on this device, and is merged when the server is up. Until then you can close the page and open it again. ";
