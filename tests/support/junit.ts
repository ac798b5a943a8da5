/** What a runner's JUnit report counts: the one format that all three runners write alike. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/**
 * Counts tests. Deno also lists every `describe` as a case, named as the start of its tests' names:
 * such a group is no test, but counts if it failed without any of its tests failing (in a hook).
 */
export function countTests(xml: string): Counts {
  const cases = (xml.match(/<testcase\b[^>]*?(\/>|>[\s\S]*?<\/testcase>)/g) ?? []).map((text) => ({
    name: /\bname="([^"]*)"/.exec(text)?.[1] ?? "",
    failed: /<(failure|error)\b/.test(text),
    skipped: /<skipped\b/.test(text),
  }));
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const { name, failed, skipped } of cases) {
    const members = cases.filter((other) => other.name.startsWith(`${name} &gt; `));
    if (members.length > 0 && (!failed || members.some((member) => member.failed))) continue;
    if (failed) counts.failed += 1;
    else if (skipped) counts.skipped += 1;
    else counts.passed += 1;
  }
  return counts;
}
