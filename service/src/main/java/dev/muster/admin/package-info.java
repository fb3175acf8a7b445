/** The admin port: health, metrics and requests, on a server of its own. */
@NullMarked
package dev.muster.admin;

import org.jspecify.annotations.NullMarked;
