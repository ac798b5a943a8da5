import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { parse } from "yaml";
import { root } from "../../deploy/local/replica.ts";
import { groupTimeoutMs } from "../support/timeout.ts";

const read = (file: string) => readFileSync(join(root, file), "utf8");

/** Lines of .ci/run that run something of the project. */
const commands = read(".ci/run")
  .split("\n")
  .filter((line) => line.startsWith("npm "));

interface Form {
  name: string;
  description: string;
  body: { type: string; id: string; attributes: { label: string } }[];
}

describe("where the project is hosted", { timeout: groupTimeoutMs }, () => {
  test("GitHub runs what .ci/run runs", () => {
    const { jobs } = parse(read(".github/workflows/ci.yml")) as {
      jobs: Record<string, { steps: { run?: string; uses?: string }[] }>;
    };
    const steps = Object.values(jobs).flatMap((job) => job.steps);
    assert.equal(steps[0]?.uses?.split("@")[0], "actions/checkout");
    assert.deepEqual(
      steps.slice(1).map(({ run }) => run),
      commands,
    );
    assert.ok(commands.includes("npm test"));
  });

  test("GitLab runs what .ci/run runs", () => {
    const { test: job } = parse(read(".gitlab-ci.yml")) as { test: { script: string[] } };
    assert.deepEqual(job.script, commands);
  });

  test("issue forms ask for something, each under a name of its own", () => {
    const folder = ".github/ISSUE_TEMPLATE";
    const forms = readdirSync(join(root, folder)).filter((file) => file !== "config.yml");
    assert.ok(forms.length >= 2);
    for (const file of forms) {
      const { name, description, body } = parse(read(`${folder}/${file}`)) as Form;
      assert.ok(name && description, file);
      const ids = body.map(({ id }) => id);
      assert.equal(new Set(ids).size, ids.length, file);
      for (const { type, attributes } of body) {
        assert.match(type, /^(?:textarea|input|dropdown)$/, file);
        assert.ok(attributes.label, file);
      }
    }
  });
});
