// Do clients that disconnect leave nothing behind, unnoticed by the others? Half of them disconnect. Needs the admin port.

import { SOMEBODY_WENT } from '../lib/leavers.js';
import { constant } from '../lib/workload.js';
import { promises } from '../lib/promises.js';
import { duration, latency, rate } from '../lib/settings.js';
import { TREND_STATS } from '../lib/summary.js';

export { leaves } from '../lib/leavers.js';
export { wholeProfile } from '../lib/profile.js';
export { handleSummary } from '../lib/summary.js';

const HALF = rate(100) / 2;

export const options = {
  scenarios: {
    stay: constant('wholeProfile', HALF, duration('30s')),
    go: constant('leaves', HALF, duration('30s')),
  },
  thresholds: {
    ...promises({ stay: { latency: latency(['p(95)<300']) }, go: {} }),
    ...SOMEBODY_WENT,
  },
  summaryTrendStats: TREND_STATS,
};
