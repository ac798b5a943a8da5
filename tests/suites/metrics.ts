import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { RuntimeName } from "../../deploy/local/replica.ts";
import { requestText, sendAndCount } from "../support/raw-http.ts";
import { useServer } from "../support/server.ts";

const token = "a-token-of-tests";
/** Less than a second, as the server's clock may be set meanwhile. */
const apartS = 0.9;

/** `GET /metrics`: what a flood of requests costs, and who may ask. */
export function metricsSuite(runtime: RuntimeName): void {
  describe("metrics", () => {
    const open = useServer(runtime);
    const closed = useServer(runtime, { METRICS_TOKEN: token });

    function assertShared(text: string): void {
      const times = [...text.matchAll(/^trimaran_metrics_timestamp_seconds{.*} (\S+)$/gm)].map(([, time]) =>
        Number(time),
      );
      assert.ok(times.length > 0);
      const distinct = [...new Set(times)].toSorted((a, b) => a - b);
      for (const [index, time] of distinct.entries())
        assert.ok(index === 0 || time - (distinct[index - 1] ?? 0) >= apartS, distinct.join());
    }

    test("are read once a second for all who ask, side by side or behind one another", async () => {
      const answers = await Promise.all(
        Array.from({ length: 100 }, async () => (await fetch(`${open().url}/metrics`)).text()),
      );
      assertShared(answers.join("\n"));
      const request = requestText("/metrics", { headers: { Host: "x" } });
      const [text, alive] = await Promise.all([
        sendAndCount(open().port, request.repeat(100), /^trimaran_metrics_timestamp_seconds{/gm, 100),
        fetch(`${open().url}/livez`),
      ]);
      assert.equal(alive.status, 200);
      assertShared(text);
    });

    test("want the token where one is set", async () => {
      const get = (authorization?: string) =>
        fetch(`${closed().url}/metrics`, authorization === undefined ? {} : { headers: { authorization } });
      for (const wrong of [undefined, "Bearer wrong", `Basic ${token}`, `Bearer ${token}x`]) {
        const answer = await get(wrong);
        assert.equal(answer.status, 401, wrong);
        assert.equal(answer.headers.get("www-authenticate"), "Bearer");
        assert.ok(!(await answer.text()).includes("trimaran_mode"));
      }
      const answer = await get(`Bearer ${token}`);
      assert.equal(answer.status, 200);
      assert.match(await answer.text(), /trimaran_mode/);
    });
  });
}
