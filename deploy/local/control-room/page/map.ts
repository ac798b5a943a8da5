import { create, find } from "../../../../src/web/dom.ts";
import type { Action, PartView } from "../contract.ts";
import { createCard } from "./part-card.ts";
import { type Person, badge } from "./person.ts";
import { createWires } from "./wires.ts";

/** The drawing: people, Caddy, replicas and Redis, and who is connected where. */
export function createMap(people: readonly Person[], complain: (text: string | undefined) => void) {
  const cards = new Map<string, ReturnType<typeof createCard>>();
  const chips = new Map(people.map((person) => [person.name, createChip(person)]));
  const others = create("li", "chip others");
  others.dataset["testid"] = "others";
  find("people").append(...chips.values(), others);
  const wires = createWires(find("map"));
  let parts: readonly PartView[] = [];

  async function act(part: string, action: Action): Promise<void> {
    complain(undefined);
    try {
      const reply = await fetch(`/parts/${part}/${action}`, { method: "POST" });
      if (reply.ok) return;
      const { error } = (await reply.json()) as { error?: string };
      complain(error ?? `that did not work (${reply.status})`);
    } catch {
      complain("The launcher does not answer.");
    }
  }

  function redraw(): void {
    const sockets = parts.reduce((sum, { replica }) => sum + (replica?.sockets ?? 0), 0);
    const own = people.filter((person) => person.place()).length;
    const more = Math.max(0, sockets - own);
    others.hidden = more === 0;
    others.textContent = `and ${more} more`;
    for (const person of people) {
      const place = person.place();
      const chip = chips.get(person.name);
      if (!chip) continue;
      chip.dataset["on"] = place?.nodeId ?? "";
      const where = chip.querySelector(".where");
      if (where) where.textContent = place ? `on ${place.nodeId}` : "not connected";
    }
    for (const part of parts)
      cards.get(part.part)?.show(
        part,
        people.filter((person) => person.place()?.nodeId === part.label),
      );
    wires.draw({ parts, people, cards, chips });
  }

  new ResizeObserver(redraw).observe(find("map"));
  return {
    redraw,
    show(views: readonly PartView[]): void {
      parts = views;
      for (const view of views) {
        if (cards.has(view.part)) continue;
        const card = createCard(view, (action) => act(view.part, action));
        cards.set(view.part, card);
        find(`tier-${view.kind}`).append(card.element);
      }
      redraw();
    },
  };
}

function createChip({ name, color }: Person): HTMLLIElement {
  const chip = create("li", "chip");
  chip.dataset["testid"] = `person-${name}`;
  chip.append(badge(name, color), create("b", "", name), create("span", "where"));
  return chip;
}
