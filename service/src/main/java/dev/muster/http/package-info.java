/** The server: its ports, the exchange of one request for one answer, and the one writer of answers. */
@NullMarked
package dev.muster.http;

import org.jspecify.annotations.NullMarked;
