/**
 * For a group of tests with real processes. Conditions have deadlines of their own; this is for what has
 * none, and for Bun, which otherwise gives every single test 5 s.
 */
export const groupTimeoutMs = 240_000;
