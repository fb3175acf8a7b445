/** What the service counts and measures. */
@NullMarked
package dev.muster.metrics;

import org.jspecify.annotations.NullMarked;
