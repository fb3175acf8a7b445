/** How the process becomes ready and how it ends. */
@NullMarked
package dev.muster.lifecycle;

import org.jspecify.annotations.NullMarked;
