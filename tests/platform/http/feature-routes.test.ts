import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Hono } from "hono";
import { describeRoute, ok } from "../../../src/platform/http/describe.ts";
import type { HttpEnv } from "../../../src/platform/http/env.ts";
import { requireService } from "../../../src/platform/http/identity.ts";
import { overlap } from "../../../src/platform/http/route-patterns.ts";
import { defineContract } from "../../../src/platform/contract/define.ts";
import { defineFeature } from "../../../src/platform/feature.ts";
import { StartupError } from "../../../src/platform/util/errors.ts";
import { prepareApp } from "../../support/logged-app.ts";

const routes = () => new Hono<HttpEnv>();
const answer = (text: string) => (c: { text: (text: string) => Response }) => c.text(text);

function feature(name: string, of: Hono<HttpEnv>) {
  return defineFeature({ contract: defineContract(name, {}), create: () => ({ routes: of }) });
}
const books = feature("books", routes().get("/books/:id", answer("a book")).post("/books", answer("new")));

/** Asks an app with these features, which is closed after the work. */
async function withApp(
  features: Parameters<typeof prepareApp>[0],
  work: (ask: (path: string, headers?: Record<string, string>) => Promise<string>) => Promise<void>,
): Promise<void> {
  const { create } = await prepareApp(features);
  const app = create();
  await work(async (path, headers = {}) => {
    const response = await app.http.request(path, { headers }, { remoteAddress: undefined });
    return `${response.status} ${await response.text()}`;
  }).finally(app.close);
}

describe("routes of features", () => {
  for (const [what, of, says] of [
    [
      "of the platform",
      routes().get("/openapi.json", answer("mine")),
      /^The platform and the feature mine answer the same requests, by GET \/api\/openapi\.json and GET \/api\/openapi\.json: rename one/,
    ],
    [
      "of the platform, by any method",
      routes().all("/cluster", answer("mine")),
      /GET \/api\/cluster and ALL/,
    ],
    ["of another feature", routes().get("/books/:isbn", answer("mine")), /^The feature books and .* mine/],
    [
      "in part of another feature",
      routes().get("/books/new", answer("mine")),
      /GET \/api\/books\/:id and GET/,
    ],
    ["of all", routes().get("/*", answer("mine")), /GET \/api\/\*: rename/],
    [
      "of another feature, by middleware for these alone",
      routes()
        .get("/mine", answer("mine"))
        .use("/books/*", (_c, next) => next()),
      /The feature books and the feature mine .* ALL \/api\/books\/\*/,
    ],
  ] as [string, Hono<HttpEnv>, RegExp][])
    test(`that answer requests ${what} are refused, with both names`, async () => {
      const { create } = await prepareApp([books, feature("mine", of)]);
      assert.throws(create, (error) => error instanceof StartupError && says.test(error.message));
    });

  test("side by side are taken", () =>
    withApp(
      [
        books,
        feature("loans", routes().get("/books/:id/loans", answer("loans")).get("/books", answer("all"))),
      ],
      async (ask) => {
        assert.equal(await ask("/api/books/1"), "200 a book");
        assert.equal(await ask("/api/books/1/loans"), "200 loans");
        assert.equal(await ask("/api/books"), "200 all");
      },
    ));

  test("have their middleware to themselves, in what it answers and in the description", async () => {
    const about = describeRoute({ summary: "Mine", responses: ok("It is there") });
    const mine = routes()
      .get("/open", answer("open"))
      .use(async (c, next) => (c.req.header("x-mine") ? next() : c.text("no", 418)))
      .use("/mine/*", async (c, next) => {
        await next();
        c.header("x-deep", "yes");
      })
      .get("/mine/:id", about, (c) => c.text(`mine ${c.req.param("id")}`));
    const guarded = routes().use(requireService).get("/guarded", about, answer("guarded"));
    await withApp([books, feature("mine", mine), feature("guarded", guarded)], async (ask) => {
      assert.equal(await ask("/api/books/1"), "200 a book");
      assert.equal(await ask("/api/open"), "200 open");
      assert.equal(await ask("/api/mine/1"), "418 no");
      assert.equal(await ask("/api/mine/1", { "x-mine": "1" }), "200 mine 1");
      assert.match(await ask("/api/nothing"), /^404 /);
      assert.match(await ask("/api/guarded"), /^401 /);
      const { paths } = JSON.parse((await ask("/api/openapi.json")).slice(4)) as {
        paths: Record<string, { get?: { security?: object[] } }>;
      };
      assert.equal(paths["/api/guarded"]?.get?.security?.length, 2);
      assert.equal(paths["/api/mine/{id}"]?.get?.security, undefined);
      assert.equal(paths["/api/cluster"]?.get?.security?.length, 2);
    });
  });

  test("that throw are answered by their own handler of errors", () => {
    const failing = routes()
      .onError((_error, c) => c.text("mended", 409))
      .use((_c, next) => next())
      .get("/fails", () => {
        throw new Error("fails");
      });
    return withApp([feature("fails", failing)], async (ask) => {
      assert.equal(await ask("/api/fails"), "409 mended");
    });
  });
});

test("patterns of paths overlap where one request can fit both", () => {
  for (const [one, other, both] of [
    ["/a", "/a", true],
    ["/a", "/b", false],
    ["/a/:id", "/a/b", true],
    ["/a/:id", "/a", false],
    ["/a/:id?", "/a", true],
    ["/a/:id{[0-9]+}", "/a/b", false],
    ["/a/:id{[0-9]+}", "/a/7", true],
    ["/a/:rest{.+}", "/a/b/c", true],
    ["/a/*", "/a/b/c", true],
    ["/a/*", "/a", true],
    ["/a/*/c", "/a/b/c", true],
    ["/a/*/c", "/a/b/d", false],
    ["/*", "/a", true],
  ] as const) {
    assert.equal(overlap(one, other), both, `${one} and ${other}`);
    assert.equal(overlap(other, one), both, `${other} and ${one}`);
  }
});
