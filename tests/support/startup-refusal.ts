import assert from "node:assert/strict";
import { StartupError } from "../../src/platform/util/errors.ts";

/** What a server says that can't start. */
export function refusalOf(work: () => void): string {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof StartupError, String(error));
    return error.message;
  }
  return assert.fail("it was not refused");
}
