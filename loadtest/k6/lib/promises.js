// The promises of a scenario, as k6's thresholds. Failures, checks, dropped iterations and latency belong together: if every
// connection is refused the latency is excellent, and if nothing was sent nothing has failed.

/** A test ends when nearly no check holds: more load would show nothing new. */
export const GO_ON = 'rate>0.5';

/**
 * @typedef {object} Promised
 * @property {string[]} [latency] of its requests, as k6 writes it: p(95)<300, in milliseconds; none by default
 * @property {string} [failed] how many requests may fail, as k6 writes it; none by default
 * @property {string} [checks] how many checks must hold, as k6 writes it; all by default
 * @property {string} [dropped] how many iterations may be dropped for lack of clients, as k6 writes it; none by default
 */

/**
 * The scenarios with promises, in the order of the test: k6 does not keep it.
 * @type {string[]}
 */
export const promisedTo = [];

/**
 * The thresholds of scenarios by their names.
 * @param {Record<string, Promised>} scenarios
 * @returns {Record<string, import('k6/options').Threshold[]>}
 */
export function promises(scenarios) {
  /** @type {Record<string, import('k6/options').Threshold[]>} */
  const thresholds = {};
  for (const [name, promised] of Object.entries(scenarios)) {
    promisedTo.push(name);
    const { latency = [], failed = 'rate==0', checks = 'rate==1', dropped = 'count==0' } = promised;
    const tag = `{scenario:${name}}`;
    thresholds[`iterations${tag}`] = ['count>0'];
    thresholds[`dropped_iterations${tag}`] = [dropped];
    thresholds[`http_req_failed${tag}`] = [failed];
    thresholds[`checks${tag}`] = [checks, { threshold: GO_ON, abortOnFail: true, delayAbortEval: '5s' }];
    if (latency.length > 0) {
      thresholds[`http_req_duration${tag}`] = latency;
    }
  }
  return thresholds;
}
