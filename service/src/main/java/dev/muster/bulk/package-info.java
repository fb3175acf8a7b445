/** Many profiles in one request: on a fixed number of workers, in bounded memory, at the client's pace. */
@NullMarked
package dev.muster.bulk;

import org.jspecify.annotations.NullMarked;
