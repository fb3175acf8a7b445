// Workloads: how many requests, and for how long. All are open: requests begin when they are due, however long those
// before them take, as those of real users do.

/** How many requests may be in flight for each one that begins in a second; more are dropped, and counted. */
const IN_FLIGHT_PER_RATE = 1;

/** @param {number} rate */
function vus(rate) {
  return Math.min(2000, Math.max(20, Math.ceil(rate * IN_FLIGHT_PER_RATE)));
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
