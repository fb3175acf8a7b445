// Does it work at all? A few requests, each response checked. No promise about the latency.

import { constant } from '../lib/workload.js';
import { promises } from '../lib/promises.js';
import { duration, rate } from '../lib/settings.js';
import { TREND_STATS } from '../lib/summary.js';

export { wholeProfile } from '../lib/profile.js';
export { handleSummary } from '../lib/summary.js';

export const options = {
  scenarios: { smoke: constant('wholeProfile', rate(20), duration('10s')) },
  thresholds: promises({ smoke: {} }),
  summaryTrendStats: TREND_STATS,
};
