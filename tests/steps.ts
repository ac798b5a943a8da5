import type { RuntimeName } from "../deploy/local/replica.ts";
import { runtimes } from "../deploy/local/replica.ts";
import {
  type Requirement,
  caddy,
  chromium,
  openssl,
  prometheus,
  redisServer,
  systemd,
} from "../deploy/local/requirements.ts";

/** One part of the tests: test files under a runtime's own runner, or a command of package.json. */
export interface Step {
  name: string;
  /** Whether `npm test` runs it; `npm run test:all` runs every step. */
  isCore: boolean;
  /** What must be installed. */
  needs: readonly Requirement[];
  work: TestFiles | { command: readonly string[] };
  /** Runs when no other step does. */
  isAlone?: boolean;
}

export interface TestFiles {
  runtime: RuntimeName;
  /** Glob patterns, relative to the repository. None: what the runner finds by itself. */
  files: readonly string[];
  /**
   * Whether Node runs all files in one process, as Bun and Deno always do: a process for each of a hundred small files
   * takes twice the time of the tests in them.
   */
  isOneProcess?: boolean;
}

const cluster = [redisServer, caddy];

function onNode(name: string, isCore: boolean, needs: readonly Requirement[], ...files: string[]): Step {
  return { name, isCore, needs, work: { runtime: "node", files } };
}

/**
 * In the order in which they start: the longest first, so that the last one to end is a short one. Files named
 * `core.*` and `*.test.ts` are for `npm test`, those named `all.*` for `npm run test:all`; a bare `bun test` finds
 * `*.test.ts` alone.
 */
export const steps: readonly Step[] = [
  ...runtimes.map((runtime) => ({
    name: `server on ${runtime}`,
    isCore: true,
    needs: [],
    work: { runtime, files: [`tests/runtimes/${runtime}.test.ts`] },
  })),
  onNode("cluster", true, [...cluster, openssl], "tests/{cluster,features/*/cluster}/*.test.ts"),
  onNode("core faults", true, cluster, "tests/faults/core.faults.ts"),
  onNode("demo", true, [chromium], "tests/browser/core.*.ts", "tests/features/*/core.*.ts"),
  { name: "check", isCore: true, needs: [], work: { command: ["npm", "run", "check"] } },
  onNode("upgrade", true, [], "tests/{upgrade,features/*/upgrade}/*.test.ts"),
  ...runtimes.map((runtime) => ({
    name: `unit on ${runtime}`,
    isCore: true,
    needs: [],
    work: {
      runtime,
      files: ["tests/{unit,platform}/**/*.test.ts", "tests/features/*/*.test.ts"],
      isOneProcess: true,
    },
  })),
  onNode("files", true, [], "tests/{check,features/*/check}/*.test.ts"),

  { name: "bare bun test", isCore: false, needs: [...cluster, openssl], work: { runtime: "bun", files: [] } },
  onNode("security", false, [caddy], "tests/security/all.security.ts"),
  onNode("hostile door", false, [], "tests/door/all.*.ts"),
  onNode("bench", false, cluster, "tests/bench/all.bench.ts"),
  onNode("guides", false, [...cluster, openssl, chromium], "tests/{guides,features/*/guides}/all.*.ts"),
  onNode("deploy", false, [], "tests/deploy/all.deploy.ts"),
  onNode("commands", false, cluster, "tests/commands/all.*.ts"),
  onNode(
    "browser",
    false,
    [...cluster, chromium],
    "tests/{browser,features/*}/all.{access,axe,device,foreign-page,hostile,page}.ts",
  ),
  onNode("control room", false, [...cluster, chromium], "tests/{browser,features/*}/all.control-room.ts"),
  onNode("monitoring", false, [...cluster, prometheus], "tests/{monitoring,features/*/monitoring}/all.*.ts"),
  onNode("examples", false, [chromium], "tests/{examples,features/*}/all.examples.ts"),
  onNode("client", false, [], "tests/client/all.package.ts"),
  onNode("upgrade in a cluster", false, [redisServer], "tests/{upgrade,features/*/upgrade}/all.*.ts"),
  onNode("redis topologies", false, cluster, "tests/topologies/all.failover.ts"),
  onNode("files with programs", false, [prometheus, systemd], "tests/check/all.*.ts"),
  // It asserts what is promised in time.
  { ...onNode("faults", false, cluster, "tests/faults/all.faults.ts"), isAlone: true },
];
