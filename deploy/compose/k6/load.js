// The load of the compose file's k6: complete profiles all the time, and sometimes a fault of WireMock, so that the dashboard
// has something to show. Too few fail for an alert.

import exec from 'k6/execution';
import { check } from 'k6';
import { get, isHonest, isProblem, json } from '../../../loadtest/k6/lib/profile.js';
import { promises } from '../../../loadtest/k6/lib/promises.js';
import { duration, rate } from '../../../loadtest/k6/lib/settings.js';
import { constant } from '../../../loadtest/k6/lib/workload.js';

export { document } from '../../../loadtest/k6/lib/batch.js';
export { wholeProfile } from '../../../loadtest/k6/lib/profile.js';

/** Fresh JVMs are slow, WireMock's above all. Nothing is promised for that time. */
const warmUp = 15;

const seconds = duration('5m');

export const options = {
  scenarios: {
    'warm-up': constant('wholeProfile', rate(20) / 2, warmUp),
    profiles: constant('wholeProfile', rate(20), seconds, warmUp),
    // A hundred ids each.
    batches: { ...constant('document', 1, seconds, warmUp), timeUnit: '5s' },
    faulty: constant('faulty', 1, seconds, warmUp),
    slow: { ...constant('slow', 1, seconds, warmUp), timeUnit: '4s' },
    nobody: constant('nobody', 1, seconds, warmUp),
  },
  thresholds: promises({ profiles: { latency: ['p(95)<300'] }, batches: {}, faulty: {}, slow: {}, nobody: {} }),
};

/** Requests a profile whose posts are unavailable, and accepts a partial response. */
export function faulty() {
  const of = `faulty-${exec.scenario.iterationInTest}`;
  const response = get(of, { Prefer: 'handling=lenient' });
  check(response, { 'it says that the posts are missing': (answer) => isHonest(json(answer), of) && !json(answer).posts });
}

/** Requests a profile whose friends come too late. */
export function slow() {
  const response = get(`slow-${exec.scenario.iterationInTest}`, {}, [504]);
  check(response, { 'it says that there was no time': (answer) => answer.status === 504 && isProblem(answer) });
}

/** Requests a user that does not exist. */
export function nobody() {
  const response = get('nobody', {}, [404]);
  check(response, { 'it says that there is no such user': (answer) => answer.status === 404 && isProblem(answer) });
}
