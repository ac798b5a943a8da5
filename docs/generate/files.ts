import * as listed from "../../src/features.ts";
import { listFeatures } from "../../src/platform/contract/define.ts";
import { describeEvents } from "../../src/platform/http/asyncapi.ts";
import { composeApp } from "../../src/platform/gateway/contract.ts";
import { dashboard } from "../../deploy/monitoring/dashboard.ts";
import { alerts } from "../../deploy/monitoring/features.ts";
import { describeApp } from "./describe-app.ts";
import { withFeatureSettings } from "./env-example.ts";
import { read } from "./read.ts";

const features = listFeatures(listed);

const format = (description: object) => `${JSON.stringify(description, null, 2)}\n`;

/** Files that are made from the code as a whole: their path, and what is in them. */
export const generatedFiles: Record<string, string> = {
  "docs/reference/asyncapi.json": format(describeEvents(composeApp(features))),
  "docs/reference/openapi.json": format(await describeApp()),
  "deploy/monitoring/grafana-dashboard.json": dashboard,
  "deploy/monitoring/features.alerts.yml": alerts,
  ".env.example": withFeatureSettings(read(".env.example"), features),
};
