import { asyncApi } from "../../src/http/asyncapi.ts";
import { openApi } from "../../src/http/openapi.ts";

const format = (description: object) => `${JSON.stringify(description, null, 2)}\n`;

/** The text of each file in this folder, from the code. */
export const descriptions: Record<string, string> = {
  "asyncapi.json": format(asyncApi),
  "openapi.json": format(openApi),
};
