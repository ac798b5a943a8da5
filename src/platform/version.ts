/**
 * The version of `src/platform`. Raise it with each change of what a feature, `app.ts` or a client sees of the platform:
 * the first number when their code must change, the second when the platform offers more, the third for a fix.
 */
export const platformVersion = "0.1.0";

/**
 * What features see of the platform in each version, as tests/check/version.test.ts computes it. A change needs a new
 * version, and a line here for it; lines of earlier versions stay.
 */
export const digests: Readonly<Record<string, string>> = {
  "0.1.0": "01e2ea86f8c6f6bf",
};
