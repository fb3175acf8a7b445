// The settings from loadtest/run, by LOAD_ variables: target, rate, duration, ids and headers.

const env = __ENV;

/**
 * A variable, or the fallback if it is unset or empty.
 * @param {string} name
 * @param {string} fallback
 */
function setting(name, fallback) {
  return env[name] || fallback;
}

/**
 * A duration such as 90s, 500ms or 1h30m, in seconds.
 * @param {string} text
 */
export function seconds(text) {
  /** @type {Record<string, number>} */
  const units = { ms: 0.001, s: 1, m: 60, h: 3600 };
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map((part) => part[0]).join('') !== text) {
    throw new Error(`bad duration '${text}': allowed are numbers with ms, s, m or h, such as 90s or 1h30m`);
  }
  return parts.reduce((sum, part) => sum + Number(part[1]) * units[part[2]], 0);
}

/** Without a trailing slash. */
export const target = setting('LOAD_TARGET', 'http://127.0.0.1:8080').replace(/\/+$/, '');

/** Whether the target has the demo backends: their data is known, and an id can contain faults. */
export const demo = setting('LOAD_DEMO', 'false') === 'true';

/** Whether the service's own measurements are available. */
export const measured = setting('LOAD_ADMIN', '') !== '';

/** @type {Record<string, string>} */
export const headers = JSON.parse(setting('LOAD_HEADERS', '{}'));

/** @type {string[]} */
const ids = env.LOAD_IDS
  ? open(env.LOAD_IDS)
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '')
  : [];
if (env.LOAD_IDS && ids.length === 0) {
  throw new Error(`${env.LOAD_IDS} has no ids: one in each line is expected`);
}

/**
 * The id of request number `n`: the given ids in turn, else a thousand that the demo backends make up.
 * @param {number} n
 */
export function id(n) {
  return ids.length > 0 ? ids[n % ids.length] : `load-${n % 1000}`;
}

/**
 * Iterations per second.
 * @param {number} fallback
 */
export function rate(fallback) {
  return Number(setting('LOAD_RATE', String(fallback)));
}

/**
 * The duration of the test, in seconds.
 * @param {string} fallback
 */
export function duration(fallback) {
  return seconds(setting('LOAD_DURATION', fallback));
}

/**
 * The latency promises, as k6 writes them: p(95)<300. Those of the command line, else the test's own.
 * @param {string[]} fallback
 */
export function latency(fallback) {
  return env.LOAD_LATENCY ? env.LOAD_LATENCY.split(',') : fallback;
}
