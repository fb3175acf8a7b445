/** Muster, an HTTP service that aggregates backends concurrently: {@link dev.muster.App} shows how it is put together. */
@NullMarked
package dev.muster;

import org.jspecify.annotations.NullMarked;
