// k6's output for loadtest/run: its figures as JSON, and a line for each promise.

import { GO_ON, promisedTo } from './promises.js';
import { latency } from './settings.js';

/** The statistics of trends: the usual ones, and those of the promises. */
export const TREND_STATS = [
  ...new Set(['min', 'med', 'avg', 'p(90)', 'p(95)', 'p(99)', 'p(99.9)', 'max', ...latency([]).map((one) => one.split('<')[0])]),
];

/**
 * The needed part of k6's argument to handleSummary.
 * @typedef {{type: string, contains: string, values: Record<string, number>,
 *   thresholds?: Record<string, {ok: boolean}>}} Metric
 * @typedef {{metrics: Record<string, Metric>}} Data
 */

/**
 * A promise: its scenario, its subject, the promised and the measured value, and the verdict.
 * @typedef {[string, string, string, string, 'kept' | 'BROKEN' | 'warning']} Row
 */

/** @type {Record<string, string>} */
const NAMES = {
  iterations: 'iterations',
  dropped_iterations: 'dropped iterations',
  http_req_failed: 'failed requests',
  checks: 'checks that hold',
  http_req_duration: 'latency',
  streamed: 'first byte to last',
  whole: 'whole answers',
  partial: 'partial answers',
  late: 'answers 504',
  gone: 'clients that went',
  while_gone: 'requests while the backend was gone',
  once_back: 'requests once it was back',
};

/**
 * A value in readable form.
 * @param {string} contains k6's kind of the metric
 * @param {string} stat
 * @param {number | undefined} value
 */
function readable(contains, stat, value) {
  if (value === undefined || Number.isNaN(value)) {
    return 'nothing measured';
  }
  if (stat === 'rate') {
    return `${(value * 100).toFixed(value === 0 || value === 1 ? 0 : 3)} %`;
  }
  return contains === 'time' ? `${value.toFixed(1)} ms` : String(value);
}

/**
 * The promises of all scenarios, and whether they were kept.
 * @param {Record<string, Metric>} metrics
 * @returns {Row[]}
 */
export function rows(metrics) {
  /** @type {Row[]} */
  const all = [];
  for (const [key, metric] of Object.entries(metrics)) {
    const [, name, , scenario = 'all'] = key.match(/^([^{]+)(\{scenario:(.*)\})?$/) ?? [key, key];
    for (const [threshold, { ok }] of Object.entries(metric.thresholds ?? {})) {
      if (threshold === GO_ON) {
        continue;
      }
      const [, stat, operator, bound] = threshold.match(/^(\S+?)\s*(<=|>=|==|!=|<|>)\s*(\S+)$/) ?? [];
      all.push([
        scenario,
        [NAMES[name] ?? name, metric.type === 'trend' ? stat : ''].join(' ').trim(),
        `${operator} ${readable(metric.contains, stat, Number(bound))}`,
        readable(metric.contains, stat, metric.values[stat]),
        ok ? 'kept' : 'BROKEN',
      ]);
    }
  }
  const place = (/** @type {Row} */ row) => promisedTo.indexOf(row[0]);
  return all.sort((one, other) => place(one) - place(other) || (one.join() < other.join() ? -1 : 1));
}

/**
 * The output files of a test.
 * @param {Data} data
 * @param {Row[]} promised
 */
export function results(data, promised) {
  return {
    [`${__ENV.LOAD_OUT}/k6.json`]: JSON.stringify(data, null, 2),
    [`${__ENV.LOAD_OUT}/promises.tsv`]: promised.map((row) => `${row.join('\t')}\n`).join(''),
  };
}

/**
 * k6 calls it when a test is over.
 * @param {Data} data
 */
export function handleSummary(data) {
  return results(data, rows(data.metrics));
}
