/**
 * For a group of tests with real processes. It only ends a hang: conditions have deadlines of their own, and a
 * busy machine may take several times as long as an idle one.
 */
export const groupTimeoutMs = 15 * 60_000;
