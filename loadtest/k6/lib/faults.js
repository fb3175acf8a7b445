// A user while backends fail, are slow, hang, or disappear and come back. Needs the demo backends.

import http from 'k6/http';
import exec from 'k6/execution';
import { Counter } from 'k6/metrics';
import { check, sleep } from 'k6';
import { id } from './settings.js';
import { get, isHonest, isProblem, isWhole, json } from './profile.js';

/**
 * The fault, the status of a strict request, and the status of a lenient one.
 * @type {[string, number, number][]}
 */
const FAULTS = [
  ['posts-500', 502, 200],
  ['friends-503', 503, 200],
  ['friends-reset', 502, 200],
  ['posts-garbage', 502, 200],
  ['posts-hang', 504, 200],
  ['friends-d300', 200, 200],
  ['user-500', 502, 502],
  ['user-404', 404, 404],
];

/** The posts backend itself, which loadtest/run takes away and brings back. */
const POSTS = `${__ENV.LOAD_POSTS}/posts?userId=ada`;

/** The time to full service after a backend is back; in milliseconds. */
const BACK_WITHIN = 1000;

const whileGone = new Counter('while_gone');
const onceBack = new Counter('once_back');

/** @param {boolean} lenient */
function prefer(lenient) {
  return { Prefer: `handling=${lenient ? 'lenient' : 'strict'}` };
}

/** Requests a profile whose backends have one of the faults. */
export function fault() {
  const n = exec.scenario.iterationInTest;
  const lenient = n % 2 === 0;
  const [what, strictStatus, lenientStatus] = FAULTS[Math.floor(n / 2) % FAULTS.length];
  const status = lenient ? lenientStatus : strictStatus;
  const of = `${what}_${id(n)}`;
  const response = get(of, prefer(lenient), [status]);
  check(response, {
    'the status is that of the fault': (answer) => answer.status === status,
    'a profile is honest about what is missing, an error is a problem': (answer) =>
      answer.status === 200 ? isHonest(json(answer), of) : isProblem(answer),
    'who is strict gets no part of a profile': (answer) =>
      lenient || answer.status !== 200 || isWhole(json(answer), of),
  });
}

/** Since when this client has found the posts backend at every check; in milliseconds. */
let there = Infinity;
let wasGone = false;

function isThere() {
  const answer = http.get(POSTS, {
    tags: { name: 'the posts backend' },
    responseCallback: http.expectedStatuses({ min: 0, max: 599 }),
    timeout: '1s',
  });
  if (answer.status !== 200) {
    there = Infinity;
    wasGone = true;
  } else if (there === Infinity) {
    there = Date.now();
  }
  return answer.status === 200;
}

/** Checks the posts backend before and after the request for a profile, and so knows the right response. */
export function watch() {
  const n = exec.scenario.iterationInTest;
  const lenient = n % 2 === 0;
  const of = id(n);
  const before = isThere();
  const isBack = Date.now() - there > BACK_WITHIN;
  const response = get(of, prefer(lenient), [200, 502]);
  const after = isThere();
  const profile = response.status === 200 ? json(response) : undefined;
  check(response, {
    'whole, honestly partial, or 502': (answer) =>
      answer.status === 200
        ? isWhole(profile, of) || (lenient && isHonest(profile, of))
        : !lenient && answer.status === 502 && isProblem(answer),
  });
  if (!before && !after) {
    whileGone.add(1);
    check(response, {
      'without a backend: 502, or the rest': (answer) =>
        lenient ? answer.status === 200 && !isWhole(profile, of) : answer.status === 502,
    });
  } else if (isBack && after) {
    onceBack.add(wasGone ? 1 : 0);
    check(response, { 'a second after the backend is back: whole': () => isWhole(profile, of) });
  }
  sleep(0.05);
}

/** If the backend did not disappear and come back, nothing was tested. */
export const GONE_AND_BACK = { while_gone: ['count>0'], once_back: ['count>0'] };
