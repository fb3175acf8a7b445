/** The sources of the configuration: texts by dotted name, each with its place. Knows no key. */
@NullMarked
package dev.muster.config.source;

import org.jspecify.annotations.NullMarked;
