/** What operators see of each request: its metrics, its log line, and its times where it failed or was slow. */
@NullMarked
package dev.muster.monitoring;

import org.jspecify.annotations.NullMarked;
