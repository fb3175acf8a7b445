/** What the tests share: the real service, a client that shows the wire, backends to order, and the contract as a judge. */
package dev.muster.testing;
