import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, test } from "node:test";
import { root } from "../../deploy/local/replica.ts";

describe("promtool", () => {
  for (const args of [
    ["check", "config", "prometheus.yml"],
    ["check", "rules", "alerts.yml", "features.alerts.yml"],
    ["test", "rules", "alerts.test.yml"],
  ]) {
    test(`${args.join(" ")} finds nothing wrong`, () => {
      const cwd = join(root, "deploy/monitoring");
      const { status, stdout, stderr } = spawnSync("promtool", args, { cwd, encoding: "utf8" });
      assert.equal(status, 0, stdout + stderr);
    });
  }
});
