/** Structured concurrency under a deadline, without any knowledge of HTTP. */
@NullMarked
package dev.muster.concurrent;

import org.jspecify.annotations.NullMarked;
