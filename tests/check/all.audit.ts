import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { start } from "../../deploy/local/process.ts";
import { root } from "../../deploy/local/replica.ts";
import { groupTimeoutMs } from "../support/timeout.ts";

interface AuditReport {
  message?: string;
  metadata?: { vulnerabilities: Record<string, number> };
}

describe("npm audit", { timeout: groupTimeoutMs }, () => {
  test("knows of no high or critical vulnerability in what runs in production", async (t) => {
    const args = ["audit", "--json", "--omit=dev", "--fetch-retries=0", "--fetch-timeout=20000"];
    const npm = await start({ command: "npm", args, cwd: root });
    let output = "";
    npm.child.stdout?.on("data", (text: string) => (output += text));
    await npm.exited;
    const report = parseReport(output);
    // A registry that keeps no advisories, or does not answer, is no reason to fail.
    if (!report?.metadata)
      return t.diagnostic(`npm audit: not available (${report?.message ?? "no answer"})`);
    const { high = 0, critical = 0 } = report.metadata.vulnerabilities;
    assert.equal(high + critical, 0, output);
  });
});

function parseReport(output: string): AuditReport | undefined {
  try {
    return JSON.parse(output) as AuditReport;
  } catch {
    return undefined;
  }
}
