import { plugin } from "bun";
import { groupTimeoutMs } from "./timeout.ts";
import "./requirements.ts";

/*
 * Loaded before all tests under a bare `bun test`. Bun gives every test and hook 5 s, and only a call in the test
 * file itself raises that: bunfig.toml has no such setting (https://github.com/oven-sh/bun/issues/7789), a call
 * here holds for the first file alone, and options of `describe` and `before` of node:test are ignored.
 */

const call = `import { setDefaultTimeout } from "bun:test"; setDefaultTimeout(${groupTimeoutMs}); `;

void plugin({
  name: "timeouts of test files",
  setup(build) {
    build.onLoad({ filter: /\.test\.ts$/ }, async ({ path }) => ({
      loader: "ts",
      // On the first line, so that line numbers stay true.
      contents: call + (await Bun.file(path).text()),
    }));
  },
});
