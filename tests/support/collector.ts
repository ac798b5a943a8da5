import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";

export interface Span {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  status: { code?: number };
  attributes: Record<string, unknown>;
  /** The replica it came from. */
  instance: string;
}

export interface Collector {
  url: string;
  spans: Span[];
  stop: () => Promise<void>;
}

interface KeyValue {
  key: string;
  value: Record<string, unknown>;
}

const toObject = (list: KeyValue[] = []) =>
  Object.fromEntries(list.map(({ key, value }) => [key, Object.values(value)[0]]));

/** What takes spans by OTLP over HTTP, as JSON, and keeps them. */
export async function startCollector(): Promise<Collector> {
  const spans: Span[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { resourceSpans = [] } = JSON.parse(Buffer.concat(chunks).toString()) as {
        resourceSpans?: {
          resource: { attributes: KeyValue[] };
          scopeSpans: { spans: (Omit<Span, "attributes" | "instance"> & { attributes: KeyValue[] })[] }[];
        }[];
      };
      for (const { resource, scopeSpans } of resourceSpans) {
        const instance = String(toObject(resource.attributes)["service.instance.id"]);
        for (const { spans: some } of scopeSpans)
          for (const span of some) spans.push({ ...span, attributes: toObject(span.attributes), instance });
      }
      response.setHeader("content-type", "application/json").end("{}");
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
