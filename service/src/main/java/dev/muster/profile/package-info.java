/** The profile of one user: which backends it needs, and what their answers and failures add up to. */
@NullMarked
package dev.muster.profile;

import org.jspecify.annotations.NullMarked;
