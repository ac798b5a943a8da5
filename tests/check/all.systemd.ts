import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { root } from "../../deploy/local/replica.ts";
import { temporaryFolder } from "../support/folder.ts";

describe("the systemd unit", () => {
  const unit = join(temporaryFolder(), "trimaran@3001.service");
  // Not installed here, so that these two are not where the unit has them.
  const text = readFileSync(join(root, "deploy/systemd/trimaran@.service"), "utf8")
    .replaceAll("/opt/trimaran", root.replace(/\/$/, ""))
    .replace("EnvironmentFile=/etc/trimaran/environment", "EnvironmentFile=-/etc/trimaran/environment");
  writeFileSync(unit, text);
  const analyze = (...args: string[]) => spawnSync("systemd-analyze", [...args, unit], { encoding: "utf8" });

  test("is accepted by systemd", () => {
    const { status, stderr } = analyze("verify");
    assert.equal(status, 0, stderr);
    assert.equal(stderr, "");
  });

  test("has an exposure of 2.0 at most", () => {
    const { status, stdout, stderr } = analyze("security", "--offline=true", "--threshold=20");
    assert.equal(status, 0, stdout + stderr);
  });

  test("gives the server at least 15 s to stop", () => {
    assert.ok(Number(/TimeoutStopSec=(\d+)/.exec(text)?.[1]) >= 15);
  });
});
