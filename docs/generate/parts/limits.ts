import { schema } from "../../../src/config.ts";
import { type QuotaName, type RateName, quotaNames, rateNames } from "../../../src/platform/limits/limits.ts";
import { table } from "../table.ts";

const counted: Record<RateName | QuotaName | "answers", string> = {
  http: "requests",
  connect: "connection attempts",
  event: "events",
  byte: "bytes of events",
  connections: "open connections",
  joined: "documents joined on open connections",
  answers: "bytes of answers over HTTP that were not read yet (of this replica alone)",
};

/** Each limit with its variables and their defaults. */
export default function limits(): string {
  const variables = (name: string, variable: string) => [
    `\`${name}\`, \`user-${name}\``,
    counted[name as keyof typeof counted],
    ...[variable, `USER_${variable}`].map((each) => `\`${each}\`: ${defaultOf(each)}`),
  ];
  return table(
    ["limit", "of", "per address", "per user"],
    [
      ...rateNames.map((name) => variables(name, `${name.toUpperCase()}_RATE`)),
      ...quotaNames.map((name) => variables(name, `MAX_${name.toUpperCase()}`)),
      variables("answers", "ANSWERS_MAX_BYTES"),
      [
        "`password`",
        "attempts at the Admin UI's password",
        `\`ADMIN_UI_RATE\`: ${defaultOf("ADMIN_UI_RATE")}`,
        "-",
      ],
    ],
  );
}

function defaultOf(variable: string): string {
  const entry = (schema.entries as Record<string, { default?: unknown }>)[variable];
  if (typeof entry?.default !== "string")
    throw new Error(`src/config.ts has no variable ${variable} with a default`);
  return entry.default;
}
