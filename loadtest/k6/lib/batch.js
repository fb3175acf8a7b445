// A user of POST /profiles:batch, and the checks of the response: each line, and the summary.

import http from 'k6/http';
import exec from 'k6/execution';
import { Trend } from 'k6/metrics';
import { check } from 'k6';
import { demo, headers, id, target } from './settings.js';
import { isHonest, isWhole, json } from './profile.js';

/**
 * @typedef {{index: number, id: string, status: number, complete: boolean,
 *   profile?: import('./profile.js').Profile, problem?: {status: number, type: string}}} Result
 * @typedef {{requested: number, distinct: number, succeeded: number, partial: number, failed: number,
 *   notAttempted: number, elapsedMs: number, cause?: string}} Summary
 * @typedef {{results: Result[], summary: Summary}} Batch
 * @typedef {import('k6/http').RefinedResponse<'text'>} Response
 */

/** Ids in a batch. */
const SIZE = 100;

/** One of them comes this much later than the others, if the backends can do that; in milliseconds. */
const LATE = 400;

/** From the first to the last byte of a response in lines whose last id comes late. */
const streamed = new Trend('streamed', true);

/**
 * The ids of batch number `n`. Each batch has its first id twice.
 * @param {number} n
 */
function idsOf(n) {
  const ids = Array.from({ length: SIZE - 1 }, (_, place) => id(n * SIZE + place));
  return [...ids, ids[0]];
}

/**
 * @param {string[]} ids
 * @param {string} accept
 * @returns {Response}
 */
function post(ids, accept) {
  return http.post(`${target}/profiles:batch`, JSON.stringify({ ids }), {
    headers: { ...headers, 'Content-Type': 'application/json', Accept: accept },
    tags: { name: '/profiles:batch' },
    responseCallback: http.expectedStatuses(200),
    responseType: 'text',
    timeout: '60s',
  });
}

/**
 * Whether a result is right: a complete profile, one that says what is missing, or a problem.
 * @param {Result} result
 * @param {string[]} ids
 */
function isTrue(result, ids) {
  if (result.id !== ids[result.index]) {
    return false;
  }
  if (result.profile === undefined) {
    return !result.complete && result.problem?.status === result.status;
  }
  return result.status === 200 && (result.complete ? isWhole : isHonest)(result.profile, result.id);
}

/**
 * Whether a summary adds up with its results.
 * @param {Batch} batch
 * @param {string[]} ids
 */
function addsUp({ results, summary }, ids) {
  const failed = results.filter((result) => result.profile === undefined).length;
  const whole = results.filter((result) => result.complete).length;
  return (
    summary.requested === ids.length &&
    summary.distinct === new Set(ids).size &&
    summary.succeeded === whole &&
    summary.partial === results.length - whole - failed &&
    summary.failed === failed &&
    summary.notAttempted === ids.length - results.length
  );
}

/**
 * The response in lines; undefined if it is none, or its last line is no summary.
 * @param {string} body
 * @returns {Batch | undefined}
 */
function lines(body) {
  try {
    const all = body.trimEnd().split('\n').map((line) => JSON.parse(line));
    const { summary } = all.pop();
    return summary && { results: all, summary };
  } catch {
    return undefined;
  }
}

/**
 * @param {Response} response
 * @param {Batch | undefined} batch
 * @param {string[]} ids
 */
function checkBatch(response, batch, ids) {
  check(response, {
    'status is 200': (answer) => answer.status === 200,
    'there is a summary': () => batch?.summary !== undefined,
    'each id is answered once in each of its places': () =>
      batch?.results.length === ids.length && new Set(batch.results.map((result) => result.index)).size === ids.length,
    'every result is what it says': () => batch?.results.every((result) => isTrue(result, ids)) === true,
    'every profile is whole': () => batch?.results.every((result) => result.complete) === true,
    'the summary adds up with the results': () => batch !== undefined && addsUp(batch, ids),
  });
}

/** Requests many profiles as one document, in the order of the request. */
export function document() {
  const ids = idsOf(exec.scenario.iterationInTest);
  const response = post(ids, 'application/json');
  const batch = /** @type {Batch | undefined} */ (json(response));
  checkBatch(response, batch, ids);
  check(batch, { 'results are in order': () => batch?.results.every((result, place) => result.index === place) === true });
}

/** Requests many profiles as lines, which come as they are ready. */
export function inLines() {
  const ids = idsOf(exec.scenario.iterationInTest);
  if (demo) {
    ids[1] = `all-d${LATE}_${ids[1]}`;
  }
  const response = post(ids, 'application/x-ndjson');
  checkBatch(response, lines(response.body || ''), ids);
  // k6 hands over whole bodies: of a stream it knows only the times of the first and the last byte.
  streamed.add(response.timings.receiving);
}

/** The promise of {@link inLines}, if an id can be delayed: the others do not wait for it. */
export const STREAMS = demo ? { streamed: [`med>${LATE / 2}`] } : {};
