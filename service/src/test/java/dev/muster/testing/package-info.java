/**
 * Shared by the tests: the real service, a client that shows the wire, backends with scripts, and the OpenAPI document
 * as a check.
 */
package dev.muster.testing;
