// Is it after a long time as it was at the start? Nothing may grow or become slower.

import { constant } from '../lib/workload.js';
import { promises } from '../lib/promises.js';
import { duration, latency, rate } from '../lib/settings.js';
import { TREND_STATS } from '../lib/summary.js';

export { wholeProfile } from '../lib/profile.js';
export { handleSummary } from '../lib/summary.js';

const THIRD = duration('30m') / 3;
const promised = { latency: latency(['p(95)<300', 'p(99)<1000']) };

export const options = {
  scenarios: {
    first_third: constant('wholeProfile', rate(50), THIRD),
    second_third: constant('wholeProfile', rate(50), THIRD, THIRD),
    last_third: constant('wholeProfile', rate(50), THIRD, 2 * THIRD),
  },
  thresholds: promises({ first_third: promised, second_third: promised, last_third: promised }),
  summaryTrendStats: TREND_STATS,
};
