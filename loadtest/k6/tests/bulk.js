// Are batches of 100 ids complete, as a document and as lines, and do the lines come as they are ready?

import { STREAMS } from '../lib/batch.js';
import { constant } from '../lib/workload.js';
import { promises } from '../lib/promises.js';
import { duration, latency, rate } from '../lib/settings.js';
import { TREND_STATS } from '../lib/summary.js';

export { document, inLines } from '../lib/batch.js';
export { handleSummary } from '../lib/summary.js';

const promised = { latency: latency(['p(95)<2000']) };

export const options = {
  scenarios: {
    document: constant('document', rate(2), duration('30s')),
    lines: constant('inLines', rate(2), duration('30s')),
  },
  thresholds: { ...promises({ document: promised, lines: promised }), ...STREAMS },
  summaryTrendStats: TREND_STATS,
};
