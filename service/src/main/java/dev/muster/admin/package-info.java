/** The operators' port: health and metrics, on a server of its own. */
@NullMarked
package dev.muster.admin;

import org.jspecify.annotations.NullMarked;
