// The rate at which the service level is lost: it rises step by step until that is so, and the last rate that was within
// is printed. --rate is the first step's, and by how much each next one is higher.

import { constant } from '../lib/workload.js';
import { promises } from '../lib/promises.js';
import { duration, latency, rate } from '../lib/settings.js';
import { TREND_STATS, results } from '../lib/summary.js';

export { wholeProfile } from '../lib/profile.js';

const STEPS = 12;
const RATE = rate(200);
const SECONDS = duration('4m') / STEPS;
const LEVEL = { latency: latency(['p(95)<300', 'p(99)<1000']), failed: 'rate<0.01', checks: 'rate>0.99' };

/** Those of the steps in their order, by the names of their scenarios. */
const rates = new Map(Array.from({ length: STEPS }, (_, step) => [`step_${step + 1}`, RATE * (step + 1)]));

export const options = {
  scenarios: Object.fromEntries(
    [...rates].map(([name, stepRate], step) => [
      name,
      { ...constant('wholeProfile', stepRate, SECONDS, step * SECONDS), gracefulStop: '2s' },
    ]),
  ),
  thresholds: Object.fromEntries(
    Object.entries(promises(Object.fromEntries([...rates.keys()].map((name) => [name, LEVEL])))).map(
      ([metric, thresholds]) => [
        metric,
        // Beyond the first step that is lost there is nothing to be found. Nothing has been sent as a step begins.
        metric.startsWith('iterations')
          ? thresholds
          : thresholds.map((threshold) => ({
              threshold: typeof threshold === 'string' ? threshold : threshold.threshold,
              abortOnFail: true,
              delayAbortEval: `${Math.min(3, SECONDS)}s`,
            })),
      ],
    ),
  ),
  summaryTrendStats: TREND_STATS,
};

/**
 * k6 calls it when the test is over. That a step is lost breaks no promise: it is what was looked for.
 * @param {import('../lib/summary.js').Data} data
 */
export function handleSummary(data) {
  const begun = [...rates].filter(([name]) => data.metrics[`iterations{scenario:${name}}`]?.values.count > 0);
  const lost = begun.find(([name]) =>
    Object.entries(data.metrics)
      .filter(([metric]) => metric.endsWith(`{scenario:${name}}`))
      .some(([, metric]) => Object.values(metric.thresholds ?? {}).some((threshold) => !threshold.ok)),
  );
  const held = lost ? lost[1] - RATE : (begun.at(-1)?.[1] ?? 0);
  const measured = lost ? `${held} /s, lost at ${lost[1]} /s` : `${held} /s, and not lost: begin with a higher --rate`;
  return results(data, [['breakpoint', 'rate within the level', `>= ${RATE} /s`, measured, held >= RATE ? 'kept' : 'BROKEN']]);
}
