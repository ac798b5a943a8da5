import "./chat.css";
import { fragment } from "../../../web/dom.ts";
import type { PagePart } from "../../../web/part.ts";
import { bindChat } from "./chat.ts";
import { chatMarkup } from "./markup.ts";

/** The chat of the users in the room. */
export const part: PagePart = {
  mount(page) {
    page.places.side.append(fragment(chatMarkup(page.noun)));
    bindChat(page);
  },
};
