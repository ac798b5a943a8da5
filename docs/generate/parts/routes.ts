import { describeApp } from "../describe-app.ts";
import { table } from "../table.ts";

/** Routes, as their OpenAPI description has them. */
export default async function routes(): Promise<string> {
  const { paths } = await describeApp();
  const rows = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods as Record<string, { summary: string }>).map(([method, { summary }]) => [
      `\`${method.toUpperCase()} ${path}\``,
      summary,
    ]),
  );
  return table(["route", ""], rows);
}
