import { type Buckets, type Sample, bucketsOf, bucketsSince, quantile, sumOf } from "./prometheus.ts";

interface Reading {
  at: number;
  events: number;
  buckets: Buckets;
}

/** Readings that a figure looks back on: a second for the rate, longer for percentiles of the few events of a person. */
const rateWindowMs = 1500;
const latencyWindowMs = 5000;

/** What a replica's counters say of the last moments. */
export function createRates() {
  let readings: Reading[] = [];

  return {
    /** @param at in milliseconds, of any clock that only goes forward. */
    add(at: number, samples: readonly Sample[]) {
      const reading = {
        at,
        events: sumOf(samples, "trimaran_events_total"),
        buckets: bucketsOf(samples, "trimaran_event_duration_seconds"),
      };
      // Counters that fell are another process': nothing of the one before is compared with it.
      if (reading.events < (readings.at(-1)?.events ?? 0)) readings = [];
      readings = [...readings.filter((earlier) => at - earlier.at <= latencyWindowMs), reading];
      const within = readings.find((earlier) => at - earlier.at <= rateWindowMs) ?? reading;
      const seconds = (at - within.at) / 1000;
      const recent = bucketsSince((readings[0] ?? reading).buckets, reading.buckets);
      const inMs = (q: number) => {
        const value = quantile(recent, q);
        return value === undefined ? undefined : value * 1000;
      };
      return {
        eventsPerSecond: seconds > 0 ? (reading.events - within.events) / seconds : 0,
        p50Ms: inMs(0.5),
        p99Ms: inMs(0.99),
      };
    },
    /** After a pause nothing earlier is compared with. */
    clear(): void {
      readings = [];
    },
  };
}
