import "quill/dist/quill.core.css";
import "quill-cursors/css";
import "uplot/dist/uPlot.min.css";
// In this order: later rules go before earlier ones.
import "./page.css";
import "./map.css";
import "./editors.css";
import "./charts.css";
import "./small.css";
import { find } from "../../../../src/web/dom.ts";
import type { Greeting, Snapshot } from "../contract.ts";
import { createAutopilot } from "./autopilot.ts";
import { createChat } from "./chat-count.ts";
import { createCharts } from "./charts.ts";
import { createLog } from "./log.ts";
import { createMap } from "./map.ts";
import { type Person, createPerson, keepApart } from "./person.ts";
import { bindProof } from "./proof-line.ts";

/* The control room's page: what the launcher tells is drawn; the two people of the editors come in as any others do. */

const source = new EventSource("/events");
const banner = find("banner");
let greeted: Greeting | undefined;
let view: ReturnType<typeof createView> | undefined;

source.addEventListener("greeting", ({ data }: MessageEvent<string>) => {
  const greeting = JSON.parse(data) as Greeting;
  // Another start of the cluster has another document, and its counts begin anew.
  if (greeted && greeted.documentId !== greeting.documentId) return location.reload();
  banner.hidden = true;
  greeted ??= greeting;
  view ??= createView(greeting);
});
source.addEventListener("snapshot", ({ data }: MessageEvent<string>) =>
  view?.show(JSON.parse(data) as Snapshot),
);
source.addEventListener("error", () => {
  banner.textContent = "The launcher does not answer: what is drawn here is what it said last.";
  banner.hidden = false;
});

function createView({ clusterPort, documentId, history }: Greeting) {
  // By this machine's other name: cookies go with the name, whatever the port, and with the balancer's cookie both
  // people would always be on the same replica.
  const host = location.hostname === "localhost" ? "127.0.0.1" : "localhost";
  const url = `http://${host}:${clusterPort}`;
  const people: [Person, Person] = [
    createPerson({ name: "Ada", color: "#c2410c", url, documentId }),
    createPerson({ name: "Bob", color: "#1d6fd1", url, documentId }),
  ];
  const map = createMap(people, (text) => {
    banner.textContent = text ?? "";
    banner.hidden = text === undefined;
  });
  const charts = createCharts(history);
  const log = createLog();
  const chat = createChat(people);
  bindProof(people, chat);
  createAutopilot(people, chat.say);
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
