// A user of GET /profiles/{id}, and the checks of the response: its content, not only its status.

import http from 'k6/http';
import exec from 'k6/execution';
import { check } from 'k6';
import { demo, headers, id, target } from './settings.js';

/**
 * @typedef {{id: string, name?: string}} Person
 * @typedef {{backend: string, type: string, status: number}} Missing
 * @typedef {{user?: Person, posts?: {id: string}[], friends?: Person[], errors?: Missing[]}} Profile
 * @typedef {import('k6/http').RefinedResponse<'text'>} Response
 */

const MEMBERS = /** @type {const} */ (['posts', 'friends']);

/**
 * Requests a profile.
 * @param {string} of the user's id
 * @param {Record<string, string>} [more] headers
 * @param {number[]} [expected] the statuses that are no failure
 * @param {string} [timeout] how long the client waits before it disconnects
 * @returns {Response}
 */
export function get(of, more = {}, expected = [200], timeout = '60s') {
  return http.get(`${target}/profiles/${of}`, {
    headers: { ...headers, ...more },
    // One name for all ids, so that the report has one line.
    tags: { name: '/profiles/{id}' },
    responseCallback: http.expectedStatuses(...expected),
    responseType: 'text',
    timeout,
  });
}

/**
 * The body as JSON; undefined if it is none.
 * @param {Response} response
 * @returns {any}
 */
export function json(response) {
  try {
    return JSON.parse(response.body || '');
  } catch {
    return undefined;
  }
}

/**
 * Whether posts are those of a user, as far as that is visible: the demo backends number them after the user, whose id may
 * begin with faults.
 * @param {{id: string}[]} posts
 * @param {string} of
 */
function belong(posts, of) {
  return !demo || posts.every((post) => post.id.startsWith(`${of.slice(of.lastIndexOf('_') + 1)}-`));
}

/**
 * Whether a profile is complete and that of the requested user.
 * @param {Profile | undefined} profile
 * @param {string} of
 */
export function isWhole(profile, of) {
  return (
    profile?.user?.id === of &&
    Array.isArray(profile.posts) &&
    Array.isArray(profile.friends) &&
    profile.errors === undefined &&
    belong(profile.posts, of)
  );
}

/**
 * Whether a profile is that of the requested user, and names each missing member.
 * @param {Profile | undefined} profile
 * @param {string} of
 */
export function isHonest(profile, of) {
  if (profile?.user?.id !== of) {
    return false;
  }
  const errors = profile.errors ?? [];
  return (
    MEMBERS.every((member) => Array.isArray(profile[member]) !== errors.some((error) => error.backend === member)) &&
    (profile.posts === undefined || belong(profile.posts, of))
  );
}

/**
 * Whether a response is a problem (RFC 9457) of its own status.
 * @param {Response} response
 */
export function isProblem(response) {
  return (
    (response.headers['Content-Type'] ?? '').startsWith('application/problem+json') &&
    json(response)?.status === response.status
  );
}

/** Requests a profile, which must be complete. */
export function wholeProfile() {
  const of = id(exec.scenario.iterationInTest);
  const response = get(of);
  check(response, {
    'status is 200': (answer) => answer.status === 200,
    'profile is whole and the right one': (answer) => isWhole(json(answer), of),
    'Profile-Complete says so': (answer) => answer.headers['Profile-Complete'] === 'true',
  });
}

/**
 * Requests a profile from a service that may be overloaded. Then it must say so: 503 and when to come back, or 504 if the
 * profile was not ready in time.
 */
export function profileOrRefusal() {
  const of = id(exec.scenario.iterationInTest);
  const response = get(of, {}, [200, 503, 504]);
  check(response, {
    'a whole profile, or a refusal': (answer) =>
      [503, 504].includes(answer.status) ? isProblem(answer) : answer.status === 200 && isWhole(json(answer), of),
    '503 says when to try again': (answer) =>
      answer.status !== 503 || /^\d+$/.test(answer.headers['Retry-After'] ?? ''),
  });
}
