// Can instances be replaced one by one under load, behind HAProxy, without losing a request? loadtest/drain counts, because
// it sends nothing twice; k6 may do that on its own.

import { constant } from '../lib/workload.js';
import { promises } from '../lib/promises.js';
import { duration, latency, rate } from '../lib/settings.js';
import { TREND_STATS } from '../lib/summary.js';

export { wholeProfile } from '../lib/profile.js';
export { handleSummary } from '../lib/summary.js';

export const options = {
  scenarios: { shutdown: constant('wholeProfile', rate(50), duration('40s')) },
  thresholds: promises({ shutdown: { latency: latency(['p(95)<300', 'max<5000']) } }),
  summaryTrendStats: TREND_STATS,
};
