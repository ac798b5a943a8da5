import { create } from "../../../../src/web/dom.ts";
import type { Action, PartState, PartView } from "../contract.ts";
import { figuresOf } from "./figures.ts";
import { type Person, badge } from "./person.ts";

const words: Record<PartState, string> = {
  starting: "starting",
  serving: "serving",
  draining: "draining",
  silent: "not answering",
  hung: "hung",
  dead: "dead",
};

interface Choice {
  action: Action;
  text: string;
  hint: string;
}

/** What can be done to a part, by its state. Two buttons change their meaning, none comes or goes: who works by keyboard stays where they are. */
function choices(state: PartState): (Choice & { isOff: boolean })[] {
  const isDead = state === "dead";
  const isHung = state === "hung";
  return [
    { action: "kill", text: "Kill", hint: "SIGKILL: gone at once, with no goodbye", isOff: isDead },
    isHung
      ? { action: "wake", text: "Wake", hint: "SIGCONT: it goes on where it was", isOff: false }
      : { action: "hang", text: "Hang", hint: "SIGSTOP: it is there and does nothing", isOff: isDead },
    { action: "stop", text: "Stop", hint: "SIGTERM: it finishes what it does", isOff: isDead || isHung },
    isDead
      ? { action: "start", text: "Start", hint: "Same port, same data", isOff: false }
      : {
          action: "restart",
          text: "Restart",
          hint: "Stop and start; killed first if it hangs",
          isOff: state === "starting",
        },
  ];
}

/** A part of the cluster with its figures and its buttons. */
export function createCard({ part, kind, label }: PartView, act: (action: Action) => Promise<void>) {
  const element = create("article", `part ${kind}`);
  element.dataset["testid"] = part;
  element.ariaLabel = label;
  const version = create("span", "version");
  const state = create("span", "state");
  const head = create("header", "part-head");
  const here = create("span", "here");
  head.append(create("h2", "", label), version, here, state);
  const figures = create("dl", "figures");
  const end = create("details", "ended");
  const how = create("summary", "");
  const lines = create("pre", "");
  lines.tabIndex = 0;
  end.append(how, lines);
  const bar = create("div", "buttons");
  const buttons = choices("serving").map(() => {
    const button = create("button", "");
    button.type = "button";
    button.addEventListener("click", () => {
      // Not `disabled`: that would throw the keyboard's user out of the row.
      if (button.ariaDisabled === "true") return;
      void act(button.dataset["action"] as Action);
    });
    return button;
  });
  bar.append(...buttons);
  element.append(head, figures, end, bar);

  return {
    element,
    show(view: PartView, people: readonly Person[]): void {
      const mode = view.replica?.mode ?? "";
      element.dataset["state"] = view.state;
      element.dataset["mode"] = mode;
      version.textContent = view.version;
      const text = mode === "degraded" && view.state === "serving" ? "degraded" : words[view.state];
      if (state.textContent !== text) state.textContent = text;
      here.replaceChildren(
        ...people.map(({ name, color }) => {
          const mark = badge(name, color);
          mark.title = `${name} is connected here`;
          return mark;
        }),
      );
      figures.replaceChildren(
        ...figuresOf(view).map(([name, value]) => {
          const pair = create("div", "");
          pair.append(create("dt", "", name), create("dd", "", value));
          return pair;
        }),
      );
      end.hidden = !view.ended;
      how.textContent = `Ended: ${view.ended?.how ?? ""}`;
      if (lines.textContent !== (view.ended?.lastLines ?? ""))
        lines.textContent = view.ended?.lastLines ?? "";
      for (const [index, { action, text, hint, isOff }] of choices(view.state).entries()) {
        const button = buttons[index];
        if (!button) continue;
        button.dataset["action"] = action;
        button.textContent = text;
        button.title = hint;
        button.ariaLabel = `${text} ${label}`;
        button.ariaDisabled = String(isOff);
      }
    },
  };
}
