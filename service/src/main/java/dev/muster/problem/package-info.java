/** What can go wrong with a request, and the problem (RFC 9457) that its client is told. */
@NullMarked
package dev.muster.problem;

import org.jspecify.annotations.NullMarked;
