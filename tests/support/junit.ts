/** What a runner's JUnit report tells: the one format that all three runners write alike. */
export interface Report {
  passed: number;
  failed: number;
  skipped: number;
  tests: TestResult[];
}

export interface TestResult {
  name: string;
  seconds: number;
  isSkipped: boolean;
  /** The error with its stack, of a test that failed. */
  failure: string | undefined;
}

const entities: Record<string, string> = {
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  "#39": "'",
  "#10": "\n",
  amp: "&",
};

const decoded = (text: string) =>
  text.replaceAll(/&(lt|gt|quot|apos|amp|#39|#10);/g, (_, name: string) => entities[name] ?? "");

const attribute = (text: string, name: string) => new RegExp(`\\b${name}="([^"]*)"`).exec(text)?.[1] ?? "";

/** Node leaves `>` as it is in attributes. */
const attributes = String.raw`((?:\s+[\w:-]+="[^"]*")*)\s*`;
const element = (names: string, flags = "") =>
  new RegExp(`<(${names})${attributes}(?:/>|>([\\s\\S]*?)</\\1>)`, flags);

/**
 * Reads a report. Deno also lists every `describe` as a case, named as the start of its tests' names:
 * such a group is no test, but counts if it failed without any of its tests failing (in a hook).
 */
export function readReport(xml: string): Report {
  const cases = (xml.match(element("testcase", "g")) ?? []).map((text): TestResult => ({
    name: decoded(attribute(text, "name")),
    seconds: Number(attribute(text, "time")),
    isSkipped: text.includes("<skipped"),
    failure: failureIn(text),
  }));
  const hasFailed = ({ failure }: TestResult) => failure !== undefined;
  const tests = cases.filter((each) => {
    const members = cases.filter(({ name }) => name.startsWith(`${each.name} > `));
    return members.length === 0 || (hasFailed(each) && !members.some(hasFailed));
  });
  const failed = tests.filter(hasFailed).length;
  const skipped = tests.filter((each) => each.isSkipped && !hasFailed(each)).length;
  return { passed: tests.length - failed - skipped, failed, skipped, tests };
}

function failureIn(testcase: string): string | undefined {
  const [isThere, , head = "", content = ""] = element("failure|error").exec(testcase) ?? [];
  if (isThere === undefined) return undefined;
  const message = decoded(attribute(head, "message"));
  const text = decoded(content).trim();
  return text.includes(message) ? text : `${message}\n${text}`;
}
