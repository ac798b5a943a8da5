import "uplot/dist/uPlot.min.css";
// In this order: later rules go before earlier ones. Those of the features' panes come after all of these.
import "./page.css";
import "./map.css";
import "./panels.css";
import "./charts.css";
import "./small.css";
import { find } from "../../../../src/web/dom.ts";
import type { CreatePane } from "../../../../src/web/pane.ts";
import type { Greeting, Snapshot } from "../contract.ts";
import { keepApart } from "./apart.ts";
import { createAutopilot } from "./autopilot.ts";
import { createBoard } from "./board.ts";
import { createCharts } from "./charts.ts";
import { createLog } from "./log.ts";
import { createMap } from "./map.ts";
import { type Person, createPerson } from "./person.ts";
import { bindProof } from "./proof-line.ts";

/**
 * The control room's page: what the launcher says is drawn; the two users come in as any others do, and what they do is
 * in the panes of the features. Called by the bundle's entry (src/web/bundle.ts).
 */
export function openPage(named: readonly { part: CreatePane }[]): void {
  const parts = named.map(({ part }) => part);
  const source = new EventSource("/events");
  const banner = find("banner");
  const complain = (text: string | undefined) => {
    banner.textContent = text ?? "";
    banner.hidden = text === undefined;
  };
  let greeted: Greeting | undefined;
  let view: ReturnType<typeof createView> | undefined;

  source.addEventListener("greeting", ({ data }: MessageEvent<string>) => {
    const greeting = JSON.parse(data) as Greeting;
    // Another start of the cluster has another room, and its counts begin anew.
    if (greeted && greeted.room !== greeting.room) return location.reload();
    complain(undefined);
    greeted ??= greeting;
    view ??= createView(greeting, parts, complain);
  });
  source.addEventListener("snapshot", ({ data }: MessageEvent<string>) =>
    view?.show(JSON.parse(data) as Snapshot),
  );
  source.addEventListener("error", () =>
    complain("The launcher does not answer: what is drawn here is what it said last."),
  );
}

function createView(
  { clusterPort, room, history }: Greeting,
  parts: readonly CreatePane[],
  complain: (text: string | undefined) => void,
) {
  // By this machine's other name: cookies go with the name, whatever the port, and with the balancer's cookie both
  // users would always be on the same replica.
  const host = location.hostname === "localhost" ? "127.0.0.1" : "localhost";
  const url = `http://${host}:${clusterPort}`;
  const {
    panes,
    joining: { join, words },
  } = createPanes(parts);
  const people: [Person, Person] = [
    createPerson({ name: "Ada", color: "#c2410c", url, room, join }),
    createPerson({ name: "Bob", color: "#1d6fd1", url, room, join }),
  ];
  for (const pane of panes) for (const person of people) pane.mount?.(person);
  const map = createMap(people, complain);
  const charts = createCharts(history);
  const log = createLog();
  bindProof(panes, words.hint);
  createAutopilot(
    panes.flatMap((pane) => pane.acts()),
    words,
  );
  let serving = 0;
  keepApart(people, () => serving);
  for (const person of people) person.onChange(map.redraw);

  return {
    show(snapshot: Snapshot): void {
      serving = snapshot.parts.filter(({ kind, state }) => kind === "replica" && state === "serving").length;
      map.show(snapshot.parts);
      charts.add(snapshot);
      log.add(snapshot.log);
    },
  };
}

/** The pane that joins, which is the board if no feature joins, and the others after it. */
function createPanes(parts: readonly CreatePane[]) {
  const all = parts.map((create) => create());
  const joining = all.find((pane) => "join" in pane) ?? createBoard();
  return { joining, panes: [joining, ...all.filter((pane) => pane !== joining)] };
}
