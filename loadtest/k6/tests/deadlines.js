// Are responses there by the client's deadline: complete, partial and saying so, or 504? With slow backends.

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
 * k6 calls it when the test is over. Without the service's own measurement of late responses, k6's counts.
 * @param {import('../lib/summary.js').Data} data
 */
export function handleSummary(data) {
  return results(data, measured ? rows(data.metrics) : [...rows(data.metrics), lateAsSeenFromHere(data)]);
}
