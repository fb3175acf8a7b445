// What does it do with four times as much? It may reject, and must say so; afterwards all is as before.

import { constant, ramping } from '../lib/workload.js';
import { promises } from '../lib/promises.js';
import { duration, latency, rate } from '../lib/settings.js';
import { TREND_STATS } from '../lib/summary.js';

export { profileOrRefusal, wholeProfile } from '../lib/profile.js';
export { handleSummary } from '../lib/summary.js';

const USUAL = rate(100);
const FIFTH = duration('2m30s') / 5;

export const options = {
  scenarios: {
    before: constant('wholeProfile', USUAL, FIFTH),
    stress: ramping(
      'profileOrRefusal',
      USUAL,
      [
        { rate: 2 * USUAL, seconds: FIFTH },
        { rate: 4 * USUAL, seconds: FIFTH },
        { rate: USUAL, seconds: FIFTH },
      ],
      FIFTH,
    ),
    after: constant('wholeProfile', USUAL, FIFTH, 4 * FIFTH),
  },
  thresholds: promises({
    before: { latency: latency(['p(95)<300', 'p(99)<1000']) },
    stress: {},
    after: { latency: latency(['p(95)<300', 'p(99)<1000']) },
  }),
  summaryTrendStats: TREND_STATS,
};
