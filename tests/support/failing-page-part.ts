import type { PagePart } from "../../src/web/part.ts";

function fail(what: string): never {
  throw new Error(`${what} of a part of the page`);
}

/** A part of the page that throws in all it does. */
export const part: PagePart = {
  join: () => fail("join"),
  mount: () => fail("mount"),
};
