// Whether answers are there by the time that clients state, whole, honestly partial, or as 504; with slow backends.

import { ALL_OUTCOMES, lateAsSeenFromHere } from '../lib/deadlines.js';
import { constant } from '../lib/workload.js';
import { promises } from '../lib/promises.js';
import { duration, latency, measured, rate } from '../lib/settings.js';
import { TREND_STATS, results, rows } from '../lib/summary.js';

export { inTime } from '../lib/deadlines.js';

export const options = {
  scenarios: { deadlines: constant('inTime', rate(50), duration('30s')) },
  thresholds: { ...promises({ deadlines: { latency: latency(['max<1500']) } }), ...ALL_OUTCOMES },
  summaryTrendStats: TREND_STATS,
};

/**
 * k6 calls it when the test is over. Where the service does not say how late its answers were, k6 does.
 * @param {import('../lib/summary.js').Data} data
 */
export function handleSummary(data) {
  return results(data, measured ? rows(data.metrics) : [...rows(data.metrics), lateAsSeenFromHere(data)]);
}
