/** Log lines: text for people, JSON for machines, and no control character from outside in both. */
@NullMarked
package dev.muster.logging;

import org.jspecify.annotations.NullMarked;
