import type { PartView } from "../contract.ts";
import type { Person } from "./person.ts";

interface Scene {
  parts: readonly PartView[];
  people: readonly Person[];
  cards: ReadonlyMap<string, { element: HTMLElement }>;
  chips: ReadonlyMap<string, HTMLElement>;
}

interface Point {
  x: number;
  y: number;
}

const namespace = "http://www.w3.org/2000/svg";

/** The lines between the parts: who talks to whom, and how much. */
export function createWires(map: HTMLElement) {
  const svg = map.querySelector("svg");
  const paths = new Map<string, SVGPathElement>();
  const stale = new Set<string>();

  function wire(
    id: string,
    from: Point,
    to: Point,
    attributes: { kind: string; flow: string; color?: string },
  ): void {
    let path = paths.get(id);
    if (!path) {
      path = document.createElementNS(namespace, "path");
      path.dataset["wire"] = id;
      svg?.append(path);
      paths.set(id, path);
    }
    stale.delete(id);
    const middle = (from.y + to.y) / 2;
    path.setAttribute("d", `M${from.x} ${from.y} C${from.x} ${middle} ${to.x} ${middle} ${to.x} ${to.y}`);
    path.setAttribute("class", attributes.kind);
    path.dataset["flow"] = attributes.flow;
    path.style.stroke = attributes.color ?? "";
  }

  return {
    draw({ parts, people, cards, chips }: Scene): void {
      for (const id of paths.keys()) stale.add(id);
      const origin = map.getBoundingClientRect();
      const edge = (element: HTMLElement | undefined, side: "top" | "bottom", share = 0.5): Point => {
        const box = (element ?? map).getBoundingClientRect();
        return {
          x: box.left + box.width * share - origin.left,
          y: (side === "top" ? box.top : box.bottom) - origin.top,
        };
      };
      const caddy = cards.get("caddy")?.element;
      const redis = cards.get("redis")?.element;
      const replicas = parts.filter(({ kind }) => kind === "replica");
      const isServing = (name: string) =>
        parts.some(({ part, state }) => part === name && state === "serving");

      for (const [index, { part, state, replica }] of replicas.entries()) {
        const card = cards.get(part)?.element;
        const share = (index + 1) / (replicas.length + 1);
        const isUp = state === "serving" && isServing("caddy");
        wire(`caddy:${part}`, edge(caddy, "bottom", share), edge(card, "top"), {
          kind: isUp ? "idle" : "cut",
          flow: "none",
        });
        const isLinked = state === "serving" && replica?.mode === "cluster";
        const flow = isLinked ? speed(replica.eventsPerSecond) : "none";
        wire(`${part}:redis`, edge(card, "bottom"), edge(redis, "top", share), {
          kind: isLinked ? "link" : "cut",
          flow,
        });
      }
      for (const [index, person] of people.entries()) {
        const chip = chips.get(person.name);
        const share = (index + 1) / (people.length + 1);
        const { color } = person;
        const at = replicas.find(({ label }) => label === person.place()?.nodeId);
        wire(`${person.name}:caddy`, edge(chip, "bottom"), edge(caddy, "top", share), {
          kind: at ? "person" : "cut",
          flow: at ? speed(at.replica?.eventsPerSecond ?? 0) : "none",
          ...(at && { color }),
        });
        if (!at) continue;
        const card = cards.get(at.part)?.element;
        const out = edge(caddy, "bottom", (replicas.indexOf(at) + 1) / (replicas.length + 1));
        const into = edge(card, "top");
        // Beside the other's, should both be on one replica.
        const aside = (index - (people.length - 1) / 2) * 8;
        wire(
          `${person.name}:${at.part}`,
          { ...out, x: out.x + aside },
          { ...into, x: into.x + aside },
          {
            kind: "person",
            flow: speed(at.replica?.eventsPerSecond ?? 0),
            color,
          },
        );
      }
      for (const id of stale) {
        paths.get(id)?.remove();
        paths.delete(id);
      }
      stale.clear();
    },
  };
}

/** In steps: a running animation jumps when its speed changes. */
function speed(eventsPerSecond: number): string {
  if (eventsPerSecond < 0.2) return "none";
  if (eventsPerSecond < 5) return "slow";
  return eventsPerSecond < 25 ? "medium" : "fast";
}
