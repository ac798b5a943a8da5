import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { parse } from "yaml";
import { serverMetrics } from "../../docs/generate/parts/metrics.ts";
import { root } from "../../deploy/local/replica.ts";
import { expressions } from "../../deploy/monitoring/dashboard.ts";
import { groupTimeoutMs } from "../support/timeout.ts";

const read = (file: string) => readFileSync(join(root, file), "utf8");

interface Rule {
  alert: string;
  expr: string;
  labels: { severity: string };
  annotations: { summary: string; description: string; runbook: string };
}

/** Names of metrics in an expression. */
const namesIn = (expression: string) =>
  [...expression.matchAll(/\b(?:trimaran|nodejs|process)_\w+/g)].map(([name]) => name);

const all = await serverMetrics();

describe("monitoring", { timeout: groupTimeoutMs }, () => {
  const known = new Set(all.map(({ name }) => name));
  const { rule_files } = parse(read("deploy/monitoring/prometheus.yml")) as { rule_files: string[] };
  const rules = rule_files.flatMap((file) =>
    (parse(read(`deploy/monitoring/${file}`)) as { groups: { rules: Rule[] }[] }).groups.flatMap(
      (group) => group.rules,
    ),
  );

  test("Prometheus loads all files of rules, each rule with a name of its own", () => {
    assert.deepEqual(
      rule_files.toSorted(),
      globSync("*alerts.yml", { cwd: join(root, "deploy/monitoring") }).toSorted(),
    );
    const names = rules.map(({ alert }) => alert);
    assert.equal(new Set(names).size, names.length);
  });

  test("no panel and no rule asks for a metric that the server does not have", () => {
    for (const expression of [...expressions, ...rules.map(({ expr }) => expr)]) {
      const names = namesIn(expression);
      assert.ok(names.length > 0 || expression.includes("up{"), expression);
      for (const name of names)
        assert.ok(known.has(name.replace(/_(bucket|count|sum)$/, "")), `${name} in ${expression}`);
    }
  });

  test("each alert says what it is, how urgent, and where to read on", () => {
    const anchors = new Set(
      [...read("docs/operations/runbook.md").matchAll(/^## (.*)$/gm)].map(([, heading = ""]) =>
        heading.toLowerCase().replaceAll(" ", "-"),
      ),
    );
    for (const { alert, labels, annotations } of rules) {
      assert.match(labels.severity, /^(page|ticket)$/, alert);
      assert.ok(annotations.summary && annotations.description, alert);
      const [file, anchor = ""] = annotations.runbook.split("#");
      assert.equal(file, "docs/operations/runbook.md", alert);
      assert.ok(anchors.has(anchor), `${alert}: ${anchor}`);
    }
  });
});
