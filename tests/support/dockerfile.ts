import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { type Copy, DockerfileParser, type Instruction } from "dockerfile-ast";
import ignore from "ignore";
import { root } from "../../deploy/local/replica.ts";

/** What an image would have, made in a folder without an engine. */
export interface Image {
  /** Its root folder. */
  folder: string;
  /** Relative to it. */
  workdir: string;
  env: Record<string, string>;
  command: string[];
  healthcheck: string[];
  user: string;
  volumes: string[];
  stopSignal: string;
  from: string;
}

const file = join(root, "deploy/docker/Dockerfile");
const words = (instruction: Instruction) =>
  instruction.getExpandedArguments().map((argument) => argument.getValue());
/** The exec form, which has no shell. */
const exec = (instruction: Instruction) =>
  JSON.parse(instruction.getArgumentsContent()?.replace(/^.*?CMD\s*(?=\[)/s, "") ?? "[]") as string[];

/**
 * Builds all stages as Docker would: COPY, ENV, WORKDIR and RUN in their order, with what .dockerignore lets through.
 * RUN is run here, in the stage's folder; what it does to / (users, /data) is left to the image.
 */
export function buildWithoutEngine(parent: string): Map<string, Image> {
  const stages = new Map<string, Image>();
  const ignored = ignore().add(readFileSync(join(root, ".dockerignore"), "utf8"));
  let stage: Image | undefined;
  for (const instruction of DockerfileParser.parse(readFileSync(file, "utf8")).getInstructions()) {
    const keyword = instruction.getKeyword();
    if (keyword === "FROM") {
      const [from = "", , name = ""] = words(instruction);
      stage = {
        folder: mkdtempSync(join(parent, `${name}-`)),
        workdir: "",
        env: {},
        command: [],
        healthcheck: [],
        user: "root",
        volumes: [],
        stopSignal: "",
        from,
      };
      stages.set(name, stage);
      continue;
    }
    if (stage) apply(stage, instruction, keyword);
  }
  return stages;

  function apply(into: Image, instruction: Instruction, keyword: string): void {
    const at = () => join(into.folder, into.workdir);
    switch (keyword) {
      case "WORKDIR":
        into.workdir = words(instruction)[0] ?? "";
        mkdirSync(at(), { recursive: true });
        return;
      case "COPY": {
        const flag = (instruction as Copy).getFromFlag()?.getValue();
        const paths = words(instruction).filter((word) => !word.startsWith("--"));
        const [sources, destination = "."] = [paths.slice(0, -1), paths.at(-1)];
        const context = flag ? stages.get(flag)?.folder : root;
        if (context === undefined) throw new Error(`COPY --from=${flag}: no such stage`);
        for (const source of sources) copy(context, source, join(at(), destination), flag === undefined);
        return;
      }
      case "ENV":
        for (const pair of words(instruction)) {
          const [name = "", value = ""] = pair.split(/=(.*)/s);
          into.env[name] = value;
        }
        return;
      case "RUN": {
        const script = instruction.getArgumentsContent() ?? "";
        if (script.startsWith("mkdir -p /data")) return;
        const { status, stderr } = spawnSync("sh", ["-ec", script], { cwd: at(), encoding: "utf8" });
        if (status !== 0) throw new Error(`RUN ${script}: ${stderr}`);
        return;
      }
      case "CMD":
        into.command = exec(instruction);
        return;
      case "HEALTHCHECK":
        into.healthcheck = exec(instruction);
        return;
      case "USER":
        into.user = words(instruction)[0] ?? "";
        return;
      case "VOLUME":
        into.volumes = words(instruction);
        return;
      case "STOPSIGNAL":
        into.stopSignal = words(instruction)[0] ?? "";
    }
  }

  function copy(context: string, source: string, to: string, isFiltered: boolean): void {
    const isLet = (path: string) => {
      const relative = path.slice(context.length).replace(/^\/+/, "");
      return !isFiltered || relative === "" || !ignored.ignores(relative);
    };
    const from = join(context, source);
    // Of a folder what is in it is copied, not the folder.
    const isNamed = statSync(from).isDirectory() || !(to.endsWith("/") || to.endsWith("."));
    if (!isLet(from)) throw new Error(`COPY ${source}: .dockerignore keeps it away`);
    cpSync(from, isNamed ? to : join(to, basename(from)), { recursive: true, filter: isLet });
  }
}
