// A user who does not wait for the response.

import exec from 'k6/execution';
import { Counter } from 'k6/metrics';
import { check } from 'k6';
import { demo, id } from './settings.js';
import { get } from './profile.js';

/** How long they wait; in milliseconds. */
const PATIENCE = demo ? 100 : 5;

const gone = new Counter('gone');

/** Requests a profile, and disconnects before it can be ready. */
export function leaves() {
  const n = exec.scenario.iterationInTest;
  // Status 0 is k6's own: no response came.
  const response = get(demo ? `friends-hang_${id(n)}` : id(n), {}, [0, 200], `${PATIENCE}ms`);
  check(response, { 'no answer, or a good one': (answer) => answer.status === 0 || answer.status === 200 });
  gone.add(response.status === 0 ? 1 : 0);
}

/** If no client disconnected, nothing was tested. */
export const SOMEBODY_WENT = { gone: ['count>0'] };
