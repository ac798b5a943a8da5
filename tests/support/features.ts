import * as listed from "../../src/features.ts";
import { listFeatures } from "../../src/platform/contract/define.ts";
import { talkFeature } from "./talk/server.ts";

/** The features of this app and one more, which tests of the platform use. */
export const features = [...listFeatures(listed), talkFeature];
