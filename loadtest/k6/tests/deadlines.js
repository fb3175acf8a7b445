// Whether answers are there by the time that clients state, whole, honestly partial, or as 504; with slow backends.

import { ALL_OUTCOMES } from '../lib/deadlines.js';
import { constant } from '../lib/workload.js';
import { promises } from '../lib/promises.js';
import { duration, latency, rate } from '../lib/settings.js';
import { TREND_STATS } from '../lib/summary.js';

export { inTime } from '../lib/deadlines.js';
export { handleSummary } from '../lib/summary.js';

export const options = {
  scenarios: { deadlines: constant('inTime', rate(50), duration('30s')) },
  thresholds: { ...promises({ deadlines: { latency: latency(['max<1500']) } }), ...ALL_OUTCOMES },
  summaryTrendStats: TREND_STATS,
};
