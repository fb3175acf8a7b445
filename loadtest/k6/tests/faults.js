// Does it respond as promised to backends that fail, hang, or are gone for a while, and how soon does it recover?

import { GONE_AND_BACK } from '../lib/faults.js';
import { constant } from '../lib/workload.js';
import { promises } from '../lib/promises.js';
import { duration, latency, rate } from '../lib/settings.js';
import { TREND_STATS } from '../lib/summary.js';

export { fault, watch } from '../lib/faults.js';
export { handleSummary } from '../lib/summary.js';

const SECONDS = duration('30s');

export const options = {
  scenarios: {
    // Only while all backends are there: loadtest/run takes one away in the second third.
    faults: constant('fault', rate(40), SECONDS / 3 - 1),
    gone_and_back: { executor: 'constant-vus', exec: 'watch', vus: 4, duration: `${SECONDS}s`, gracefulStop: '15s' },
  },
  thresholds: {
    ...promises({ faults: { latency: latency(['max<1500']) }, gone_and_back: {} }),
    ...GONE_AND_BACK,
  },
  summaryTrendStats: TREND_STATS,
};
