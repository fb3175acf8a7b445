// The rate at which the service level is lost: it rises step by step until that is so, and the last rate that was within
// is printed. --rate is the first step's, and by how much each next one is higher.

import exec from 'k6/execution';
import { wholeProfile } from '../lib/profile.js';
import { steps } from '../lib/workload.js';
import { duration, latency, rate } from '../lib/settings.js';
import { TREND_STATS, results } from '../lib/summary.js';

const STEPS = 12;
const RATE = rate(200);
const SECONDS = duration('4m') / STEPS;
const LATENCY = latency(['p(95)<300', 'p(99)<1000']);

/** Clients for all requests that are in flight until the first of the bounds is lost; in seconds. */
const PATIENCE = Math.min(...LATENCY.map((one) => Number(one.split('<')[1]))) / 1000;

/** The rates of the steps in their order. One scenario for all: k6 would open each one's connections anew. */
const rates = Array.from({ length: STEPS }, (_, step) => RATE * (step + 1));

/**
 * Beyond the first step that is lost there is nothing to be found.
 * @param {string[]} thresholds
 */
const orEnd = (thresholds) =>
  thresholds.map((threshold) => ({ threshold, abortOnFail: true, delayAbortEval: `${Math.min(3, SECONDS)}s` }));

export const options = {
  scenarios: { breakpoint: steps('step', rates, SECONDS, PATIENCE) },
  thresholds: {
    dropped_iterations: orEnd(['count==0']),
    ...Object.fromEntries(
      rates.flatMap((stepRate) => [
        [`http_req_duration{rate:${stepRate}}`, orEnd(LATENCY)],
        [`http_req_failed{rate:${stepRate}}`, orEnd(['rate<0.01'])],
        [`checks{rate:${stepRate}}`, orEnd(['rate>0.99'])],
      ]),
    ),
  },
  summaryTrendStats: TREND_STATS,
};

/** Asks for a profile, and notes at which rate. */
export function step() {
  const begun = (Date.now() - exec.scenario.startTime) / 1000;
  exec.vu.metrics.tags.rate = rates[Math.min(STEPS - 1, Math.floor(begun / SECONDS))];
  wholeProfile();
}

/**
 * Whether k6 found a threshold broken.
 * @param {import('../lib/summary.js').Metric | undefined} metric
 */
function isLost(metric) {
  return Object.values(metric?.thresholds ?? {}).some((threshold) => !threshold.ok);
}

/**
 * k6 calls it when the test is over. That a step is lost breaks no promise: it is what was looked for.
 * @param {import('../lib/summary.js').Data} data
 */
export function handleSummary({ metrics, ...more }) {
  const begun = rates.filter((stepRate) => metrics[`checks{rate:${stepRate}}`]?.values.passes > 0);
  const lost =
    rates.find((stepRate) =>
      ['http_req_duration', 'http_req_failed', 'checks'].some((metric) => isLost(metrics[`${metric}{rate:${stepRate}}`])),
    ) ?? (isLost(metrics.dropped_iterations) ? (begun.at(-1) ?? RATE) : undefined);
  const held = lost ? lost - RATE : (begun.at(-1) ?? 0);
  const measured = lost ? `${held} /s, lost at ${lost} /s` : `${held} /s, and not lost: begin with a higher --rate`;
  return results({ metrics, ...more }, [
    ['breakpoint', 'rate within the level', `>= ${RATE} /s`, measured, held >= RATE ? 'kept' : 'BROKEN'],
  ]);
}
