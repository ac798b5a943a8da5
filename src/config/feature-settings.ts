import * as v from "valibot";
import type { Feature } from "../platform/contract/define.ts";
import type { Environment } from "../platform/util/config-rules.ts";
import { StartupError, errorMessage } from "../platform/util/errors.ts";

/** What each feature has set, by its name. */
export type FeatureSettings = Record<string, object>;

/** Schemas that take no text, by their types. */
const otherThanText =
  /^(?:number|boolean|bigint|date|array|(?:loose_|strict_)?(?:object|tuple)|map|set|record|instance|null|undefined|never|void)$/;

interface Schema {
  type: string;
  default?: unknown;
  wrapped?: Schema;
  pipe?: readonly Schema[];
}

/** @throws {StartupError} when a setting could not be that of an environment: its name, or what it takes. */
export function checkSettings({ contract, settings = {} }: Feature): void {
  const problem = (text: string) => new StartupError(`Feature ${contract.name}: ${text}`);
  for (const [name, entry] of Object.entries(settings)) {
    const schema = entry as unknown as Schema;
    if (!/^[A-Z][A-Z0-9_]*$/.test(name))
      throw problem(`a setting can't have the name "${name}": use A-Z, 0-9 and _, such as MAX_POLLS.`);
    const { type } = firstOf(schema);
    if (otherThanText.test(type))
      throw problem(
        `the setting ${name} takes a value of the type ${type}, but variables are text: begin with v.string(), as ` +
          "count(1, 100) and others of src/platform/util/variables.ts do.",
      );
    if (!["string", "undefined", "function"].includes(typeof schema.default))
      throw problem(`the default of the setting ${name} must be text, as variables are.`);
  }
}

/** The schema that sees the variable first. */
function firstOf({ wrapped, pipe, ...schema }: Schema): Schema {
  if (wrapped) return firstOf(wrapped);
  const first = pipe?.[0];
  return first?.pipe || first?.wrapped ? firstOf(first) : schema;
}

/** Each feature's own settings, and what is wrong with them in words. No value is repeated: it may be a secret. */
export function readSettings(
  features: readonly Feature[],
  set: Environment,
): { settings: FeatureSettings; problems: string[] } {
  const problems: string[] = [];
  const settings = features.map(({ contract, settings: schemas = {} }) => {
    const values = Object.entries(schemas).map(([name, schema]) => {
      const { value, problem } = readOne(schema as v.GenericSchema, set[name]);
      if (problem !== undefined) problems.push(`${name}${problem} (feature ${contract.name})`);
      return [name, value];
    });
    return [contract.name, Object.fromEntries(values)] as const;
  });
  return { settings: Object.fromEntries(settings), problems };
}

function readOne(schema: v.GenericSchema, text: string | undefined): { value?: unknown; problem?: string } {
  try {
    const result = v.safeParse(schema, text);
    if (result.success) return { value: result.output };
    const [issue] = result.issues;
    if (text !== undefined) return { problem: `=(hidden): ${expectation(issue, text)}` };
    if (v.getDefault(schema as never) === undefined) return { problem: ": not set, and it is required" };
    return { problem: `: its default does not fit; ${issue.message}` };
  } catch (error) {
    // Not its message: that of JSON.parse has the value in it.
    if (text !== undefined) return { problem: "=(hidden): its schema throws for this value" };
    return { problem: `: its schema throws without a value; ${errorMessage(error)}` };
  }
}

function expectation({ message, received }: v.BaseIssue<unknown>, text: string): string {
  const shown = [received, text]
    .filter((part) => part.length > 2)
    .reduce((words, part) => words.replaceAll(part, "(hidden)"), message);
  return shown.startsWith("Invalid ") ? shown : `expected ${shown}`;
}
