// Workloads: how many requests, and for how long. All are open: a request begins when it is due, however long earlier ones
// take, as with real users.

/**
 * As many clients as requests begin within some seconds, at least 100: at a low rate a short pause must not use up all clients.
 * Further requests are dropped and counted. Each client has its own connection.
 * @param {number} rate iterations per second
 * @param {number} [patience] in seconds
 */
function vus(rate, patience = 1) {
  return Math.min(2000, Math.max(100, Math.ceil(rate * patience)));
}

/**
 * The same rate all the time.
 * @param {string} exec the function that makes one request
 * @param {number} rate iterations per second
 * @param {number} duration in seconds
 * @param {number} [start] in seconds from the test's begin
 * @returns {import('k6/options').Scenario}
 */
export function constant(exec, rate, duration, start = 0) {
  return {
    executor: 'constant-arrival-rate',
    exec,
    rate: Math.max(1, Math.round(rate)),
    timeUnit: '1s',
    duration: `${Math.max(1, Math.round(duration))}s`,
    startTime: `${Math.round(start)}s`,
    gracefulStop: '15s',
    preAllocatedVUs: vus(rate),
  };
}

/**
 * From one rate to the next, each reached in its time.
 * @param {string} exec the function that makes one request
 * @param {number} from iterations per second
 * @param {{rate: number, seconds: number}[]} stages
 * @param {number} [start] in seconds from the test's begin
 * @returns {import('k6/options').Scenario}
 */
export function ramping(exec, from, stages, start = 0) {
  return {
    executor: 'ramping-arrival-rate',
    exec,
    startRate: Math.round(from),
    timeUnit: '1s',
    stages: stages.map((stage) => ({
      target: Math.round(stage.rate),
      duration: `${Math.max(1, Math.round(stage.seconds))}s`,
    })),
    startTime: `${Math.round(start)}s`,
    gracefulStop: '15s',
    preAllocatedVUs: vus(Math.max(...stages.map((stage) => stage.rate))),
  };
}

/**
 * From one rate to the next at once, each for the same time.
 * @param {string} exec the function that makes one request
 * @param {number[]} rates iterations per second
 * @param {number} seconds of each step
 * @param {number} patience there are clients for requests that take this long at the highest rate, in seconds
 * @returns {import('k6/options').Scenario}
 */
export function steps(exec, rates, seconds, patience) {
  return {
    executor: 'ramping-arrival-rate',
    exec,
    startRate: rates[0],
    timeUnit: '1s',
    stages: rates.flatMap((rate) => [
      { target: rate, duration: '0s' },
      { target: rate, duration: `${seconds}s` },
    ]),
    gracefulStop: '15s',
    preAllocatedVUs: vus(rates[rates.length - 1], patience),
  };
}
