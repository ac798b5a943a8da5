/**
 * The version of `src/platform`. Raise it with each change of what a feature, `app.ts` or a client sees of the platform:
 * the first number when their code must change, the second when the platform offers more, the third for a fix.
 */
export const platformVersion = "0.2.0";
