import { openApi } from "../../../src/http/openapi.ts";
import { table } from "../table.ts";

/** Routes, as their OpenAPI description has them. */
export default function routes(): string {
  const rows = Object.entries(openApi.paths).flatMap(([path, methods]) =>
    Object.entries(methods as Record<string, { summary: string }>).map(([method, { summary }]) => [
      `\`${method.toUpperCase()} ${path}\``,
      summary,
    ]),
  );
  return table(["route", ""], rows);
}
