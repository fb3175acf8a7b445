/** The building blocks of structured concurrency under a deadline; they know nothing of HTTP. */
@NullMarked
package dev.muster.concurrent;

import org.jspecify.annotations.NullMarked;
