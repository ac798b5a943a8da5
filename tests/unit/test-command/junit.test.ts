import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { readReport } from "../../support/junit.ts";

const inSuite = (cases: string) => `<testsuites><testsuite name="s">${cases}</testsuite></testsuites>`;

describe("reading a JUnit report", () => {
  test("counts what passed, failed and was skipped, with names and seconds", () => {
    const report = readReport(
      inSuite(`
        <testcase name="a &lt;b> &amp;c" time="1.5" classname="s"/>
        <testcase name="fails" time="0.25"><failure type="x" message="two&#10;lines">two
lines
    at file.ts:1</failure></testcase>
        <testcase name="left out" time="0"><skipped /></testcase>`),
    );
    assert.deepEqual([report.passed, report.failed, report.skipped], [1, 1, 1]);
    assert.deepEqual(
      report.tests.map(({ name, seconds }) => [name, seconds]),
      [
        ["a <b> &c", 1.5],
        ["fails", 0.25],
        ["left out", 0],
      ],
    );
    assert.equal(report.tests[1]?.failure, "two\nlines\n    at file.ts:1");
  });

  test("a group that Deno lists is no test, unless one of its hooks failed", () => {
    const report = readReport(
      inSuite(`
        <testcase name="g" time="2"><failure message="1 test step failed">1 test step failed.</failure></testcase>
        <testcase name="g &gt; one" time="1"></testcase>
        <testcase name="g &gt; two" time="1"><failure message="no">no</failure></testcase>
        <testcase name="h" time="0"><failure message="the hook">the hook</failure></testcase>`),
    );
    assert.deepEqual([report.passed, report.failed, report.skipped], [1, 2, 0]);
    assert.deepEqual(
      report.tests.map(({ name }) => name),
      ["g > one", "g > two", "h"],
    );
  });

  test("a report that is empty or cut off counts nothing", () => {
    for (const text of ["", '<testsuites><testsuite name="s"', "nonsense"])
      assert.deepEqual(readReport(text), { passed: 0, failed: 0, skipped: 0, tests: [] });
  });
});
