import assert from "node:assert/strict";
import { after } from "node:test";
import type { StartLoad } from "../../support/loads.ts";
import { useClients, waitForConvergence } from "./support/clients.ts";

/** More than the changes after which a replica merges a document's log when its last member leaves. */
const firstChanges = 30;
const typeEveryMs = 40;

/** Users who type in one document. */
export function useLoad(): StartLoad {
  const { person } = useClients();
  const timers = new Set<NodeJS.Timeout>();
  after(() => {
    for (const timer of timers) clearInterval(timer);
  });

  return async (urls, room) => {
    const people = await Promise.all(urls.map((url) => person(url, room)));
    const mark = crypto.randomUUID().slice(0, 8);
    const typed: string[] = [];
    function type(): void {
      const { text } = people[typed.length % people.length] ?? {};
      const word = `${mark}-${typed.length}`;
      text?.insert(text.length, `${word} `);
      typed.push(word);
    }
    const saved = () => Promise.all(people.map(({ provider }) => provider.whenSaved()));
    while (typed.length < firstChanges * people.length) {
      for (const _ of people) type();
      await saved();
    }
    const timer = setInterval(type, typeEveryMs);
    timers.add(timer);

    return {
      async end() {
        clearInterval(timer);
        await saved();
        const late = await person(urls[0] ?? "", room);
        const text = await waitForConvergence([late, ...people]);
        assert.deepEqual(text.split(" ").filter(Boolean).toSorted(), typed.toSorted());
        for (const { close } of [late, ...people]) close();
      },
    };
  };
}
