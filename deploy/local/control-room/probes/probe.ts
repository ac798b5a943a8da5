import type { PartView } from "../contract.ts";

/** What a part responded; `status` is a replica's own word for its state. */
export type Answer = Pick<PartView, "version" | "replica" | "redis"> & { status?: string };

/** Reads the figures of one part. */
export interface Probe {
  /** Rejects if the part does not respond within `deadlineMs`. */
  read: () => Promise<Answer>;
  /** Called after a `read` that rejected. */
  forget?: () => void;
  close?: () => void;
}

/** A part that takes longer counts as not responding. */
export const deadlineMs = 1000;

export async function ask(url: string, init: RequestInit = {}): Promise<Response> {
  return fetch(url, { ...init, signal: AbortSignal.timeout(deadlineMs), redirect: "error" });
}
