import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";

/** A folder that is gone when the tests of this file or group are over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "trimaran-test-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
