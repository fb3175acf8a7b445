// What does it do with a sudden tenfold load? It may reject, and must say so; afterwards all is as before.

import { constant, ramping } from '../lib/workload.js';
import { promises } from '../lib/promises.js';
import { duration, latency, rate } from '../lib/settings.js';
import { TREND_STATS } from '../lib/summary.js';

export { profileOrRefusal, wholeProfile } from '../lib/profile.js';
export { handleSummary } from '../lib/summary.js';

const USUAL = rate(50);
const THIRD = duration('1m') / 3;

export const options = {
  scenarios: {
    before: constant('wholeProfile', USUAL, THIRD),
    spike: ramping(
      'profileOrRefusal',
      USUAL,
      [
        { rate: 10 * USUAL, seconds: 1 },
        { rate: 10 * USUAL, seconds: THIRD - 2 },
        { rate: USUAL, seconds: 1 },
      ],
      THIRD,
    ),
    after: constant('wholeProfile', USUAL, THIRD, 2 * THIRD),
  },
  thresholds: promises({
    before: { latency: latency(['p(95)<300', 'p(99)<1000']) },
    spike: {},
    after: { latency: latency(['p(95)<300', 'p(99)<1000']) },
  }),
  summaryTrendStats: TREND_STATS,
};
