import { type Scenario, awayBounds } from "../scenario.ts";

/** What the same checks say when nothing is broken: whatever fails here is not a fault's doing. */
export const calm: Scenario = {
  name: "calm",
  title: "No fault, the same load",
  ci: true,
  bounds: { ...awayBounds, nobodyTold: true, oneOrder: true },
  async run(context) {
    context.workload.start();
    await context.lasts(5000, 2000);
  },
};
