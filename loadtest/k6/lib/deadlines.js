// A user who states a deadline, strict or lenient.

import exec from 'k6/execution';
import { Counter, Trend } from 'k6/metrics';
import { check } from 'k6';
import { demo, id } from './settings.js';
import { get, isHonest, isProblem, isWhole, json } from './profile.js';

/** In milliseconds. */
const STATED = [100, 200, 400, 800];

/** The time that posts take, as a fraction of the stated time. */
const SLOW = [0, 0.5, 5];

const outcomes = {
  whole: new Counter('whole'),
  partial: new Counter('partial'),
  late: new Counter('late'),
};

/** Time from the deadline to the response, measured here: including the network and this machine's own load. */
const lateness = new Trend('lateness', true);

/** Requests a profile with a deadline: the time, the delay and the handling vary. */
export function inTime() {
  const n = exec.scenario.iterationInTest;
  const lenient = n % 2 === 0;
  const stated = STATED[Math.floor(n / 2) % STATED.length];
  const slow = SLOW[Math.floor(n / 2 / STATED.length) % SLOW.length];
  const of = demo && slow > 0 ? `posts-d${stated * slow}_${id(n)}` : id(n);
  const response = get(
    of,
    { 'x-envoy-expected-rq-timeout-ms': String(stated), Prefer: `handling=${lenient ? 'lenient' : 'strict'}` },
    [200, 504],
  );
  const profile = response.status === 200 ? json(response) : undefined;
  const whole = isWhole(profile, of);
  check(response, {
    'whole, honestly partial, or 504': (answer) =>
      answer.status === 200
        ? whole || (lenient && isHonest(profile, of))
        : answer.status === 504 && isProblem(answer) && json(answer).type.endsWith('/deadline-exceeded'),
    'Profile-Complete says which': (answer) =>
      answer.status !== 200 || answer.headers['Profile-Complete'] === String(whole),
    'what cannot be there in time is not': () => !demo || slow <= 1 || !whole,
  });
  outcomes[whole ? 'whole' : profile ? 'partial' : 'late'].add(1);
  lateness.add(Math.max(0, response.timings.duration - stated));
}

/** If a kind of response is missing, nothing was tested. */
export const ALL_OUTCOMES = demo ? { whole: ['count>0'], partial: ['count>0'], late: ['count>0'] } : { whole: ['count>0'] };

/** In milliseconds, at the 99th percentile. */
const LATE = 100;

/**
 * k6's view of late responses. Only a warning, because k6 cannot know where the time went.
 * @param {import('./summary.js').Data} data
 * @returns {import('./summary.js').Row}
 */
export function lateAsSeenFromHere(data) {
  const late = data.metrics.lateness?.values['p(99)'];
  return [
    'deadlines',
    'lateness as k6 sees it p(99)',
    `< ${LATE.toFixed(1)} ms`,
    late === undefined ? 'nothing measured' : `${late.toFixed(1)} ms`,
    late !== undefined && late < LATE ? 'kept' : 'warning',
  ];
}
