import { type Scenario, awayBounds } from "../scenario.ts";

/** What the same checks say when nothing is broken: whatever fails here is not a fault's doing. */
const base: Scenario = {
  name: "calm",
  title: "No fault, the same load",
  ci: true,
  bounds: { ...awayBounds, oneOrder: true },
  async run(context) {
    context.workload.start();
    // The first events find cold code; they are no worse in the history, but no measure of waits.
    await context.lasts(1000);
    await context.during("nothing", () => context.lasts(5000, 2500));
  },
};

const cold: Scenario = {
  ...base,
  name: "calm-cold",
  title: "No fault, clients there before all replicas have found Redis",
  ci: false,
  cold: true,
  // Replicas that start up share the cores, and may well be apart at first.
  bounds: { nobodyTold: true },
};

export const calm = [base, cold];
