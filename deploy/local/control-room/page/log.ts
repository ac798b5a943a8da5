import { create, find } from "../../../../src/web/dom.ts";
import type { LogLine } from "../contract.ts";

const shown = 200;

/** What happened, newest first: that is what one looks for. */
export function createLog() {
  const list = find("log");
  let last = 0;
  return {
    add(lines: readonly LogLine[]): void {
      for (const { id, at, text, kind } of lines) {
        // After a broken connection all that are kept come again.
        if (id <= last) continue;
        last = id;
        const item = create("li", "");
        item.dataset["kind"] = kind;
        const time = create("time", "", new Date(at).toLocaleTimeString("en-GB"));
        time.dateTime = new Date(at).toISOString();
        item.append(time, create("span", "", text));
        list.prepend(item);
      }
      while (list.children.length > shown) list.lastElementChild?.remove();
    },
  };
}
