// Is a constant rate served within the service level?

import { constant } from '../lib/workload.js';
import { promises } from '../lib/promises.js';
import { duration, latency, rate } from '../lib/settings.js';
import { TREND_STATS } from '../lib/summary.js';

export { wholeProfile } from '../lib/profile.js';
export { handleSummary } from '../lib/summary.js';

export const options = {
  scenarios: { load: constant('wholeProfile', rate(100), duration('1m')) },
  thresholds: promises({ load: { latency: latency(['p(95)<300', 'p(99)<1000']) } }),
  summaryTrendStats: TREND_STATS,
};
