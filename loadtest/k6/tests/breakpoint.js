// At which rate is the service level lost? The rate rises step by step until then, and the last rate within the level is
// printed. --rate is the first rate and the size of each step.

import exec from 'k6/execution';
import { wholeProfile } from '../lib/profile.js';
import { steps } from '../lib/workload.js';
import { duration, latency, rate } from '../lib/settings.js';
import { TREND_STATS, results } from '../lib/summary.js';

const STEPS = 12;
const RATE = rate(200);
const SECONDS = duration('4m') / STEPS;
const LATENCY = latency(['p(95)<300', 'p(99)<1000']);

/** There must be clients for all requests in flight until the first bound is lost; in seconds. */
const PATIENCE = Math.min(...LATENCY.map((one) => Number(one.split('<')[1]))) / 1000;

/** The rates of the steps in order. One scenario for all: k6 opens new connections for each scenario. */
const rates = Array.from({ length: STEPS }, (_, step) => RATE * (step + 1));

/**
 * The test ends at the first lost step.
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

/** Requests a profile, and records the rate. */
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
 * k6 calls it when the test is over. A lost step breaks no promise: the test looks for it.
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
