/** The HTTP side that every endpoint shares: problems, negotiation, request life cycle, the one writer of answers. */
@NullMarked
package dev.muster.http;

import org.jspecify.annotations.NullMarked;
