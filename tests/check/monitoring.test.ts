import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { parse } from "yaml";
import { root } from "../../deploy/local/replica.ts";
import { dashboard, expressions } from "../../deploy/monitoring/dashboard.ts";
import { createMetrics } from "../../src/http/metrics.ts";
import { groupTimeoutMs } from "../support/timeout.ts";

const folder = join(root, "deploy/monitoring");
const read = (file: string) => readFileSync(join(root, "deploy", file), "utf8");

interface Rule {
  alert: string;
  expr: string;
  labels: { severity: string };
  annotations: { summary: string; description: string; runbook: string };
}

/** Names of metrics in an expression. */
const namesIn = (expression: string) =>
  [...expression.matchAll(/\b(?:trimaran|nodejs|process)_\w+/g)].map(([name]) => name);

describe("monitoring", { timeout: groupTimeoutMs }, () => {
  const metrics = createMetrics({ version: "1", node: "a", runtime: "node" });
  metrics.watch({
    connections: () => 0,
    transportConnections: () => 0,
    waitingBytes: () => 0,
    sessions: () => 0,
    limitRecords: () => 0,
    joined: () => 0,
    documents: () => ({ open: 0, bytes: 0 }),
    journalled: () => 0,
    mode: () => "single",
    redisRoundTripMs: () => undefined,
    outbox: () => ({ entries: 0, bytes: 0 }),
  });
  const known = metrics.registry.getMetricsAsArray().map(({ name }) => name);
  const { groups } = parse(read("monitoring/alerts.yml")) as { groups: { rules: Rule[] }[] };
  const rules = groups.flatMap((group) => group.rules);

  test("promtool accepts the configuration and the rules, and the rules' own tests pass", () => {
    for (const args of [
      ["check", "config", "prometheus.yml"],
      ["check", "rules", "alerts.yml"],
      ["test", "rules", "alerts.test.yml"],
    ]) {
      const { status, stdout, stderr } = spawnSync("promtool", args, { cwd: folder, encoding: "utf8" });
      assert.equal(status, 0, stdout + stderr);
    }
  });

  test("no panel and no rule asks for a metric that the server does not have", () => {
    for (const expression of [...expressions, ...rules.map(({ expr }) => expr)]) {
      const names = namesIn(expression);
      assert.ok(names.length > 0 || expression.includes("up{"), expression);
      for (const name of names)
        assert.ok(known.includes(name.replace(/_(bucket|count|sum)$/, "")), `${name} in ${expression}`);
    }
  });

  test("the dashboard is what its program makes", () => {
    assert.equal(read("monitoring/grafana-dashboard.json"), dashboard, "npm run dashboard");
  });

  test("the page on metrics lists all that are ours, and no other", () => {
    const listed = [...read("metrics.md").matchAll(/^\| `(trimaran_\w+)/gm)].map(([, name]) => name);
    assert.deepEqual(listed.toSorted(), known.filter((name) => name.startsWith("trimaran_")).toSorted());
  });

  test("each alert says what it is, how urgent, and where to read on", () => {
    const anchors = new Set(
      [...read("runbook.md").matchAll(/^## (.*)$/gm)].map(([, heading = ""]) =>
        heading.toLowerCase().replaceAll(" ", "-"),
      ),
    );
    for (const { alert, labels, annotations } of rules) {
      assert.match(labels.severity, /^(page|ticket)$/, alert);
      assert.ok(annotations.summary && annotations.description, alert);
      const [file, anchor = ""] = annotations.runbook.split("#");
      assert.equal(file, "deploy/runbook.md", alert);
      assert.ok(anchors.has(anchor), `${alert}: ${anchor}`);
    }
  });
});
