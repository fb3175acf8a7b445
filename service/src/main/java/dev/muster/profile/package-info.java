/** The profile of one user: its parts, and the rules for their failures. */
@NullMarked
package dev.muster.profile;

import org.jspecify.annotations.NullMarked;
