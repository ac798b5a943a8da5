import { create } from "../../src/web/dom.ts";
import type { PagePart } from "../../src/web/part.ts";

/** A part of the page that shows what the page gave it. */
export const part: PagePart = {
  noun: "board",
  mount({ places, room, userId, name, noun, member, awareness }) {
    const card = create("section", "card");
    card.dataset["testid"] = "given";
    const show = () => {
      const { status, access } = member.state;
      const members = awareness.getStates().size;
      card.textContent = [room, userId, name(), noun, status, access, members].join(" | ");
    };
    member.on("state", show);
    awareness.on("change", show);
    show();
    places.side.append(card);
  },
};
