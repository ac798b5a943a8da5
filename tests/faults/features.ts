import { importOfFeatures } from "../support/of-features.ts";
import type { FeatureWorkload } from "./feature.ts";

const modules = await importOfFeatures<{ workload: FeatureWorkload }>("faults/workload.ts");

/** The workloads of the app's features, as far as they have one. */
export const featureWorkloads = modules.map(({ workload }) => workload);
