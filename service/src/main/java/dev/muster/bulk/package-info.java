/** Many profiles in one request: on a fixed number of workers, in bounded memory, at the pace of who reads them. */
@NullMarked
package dev.muster.bulk;

import org.jspecify.annotations.NullMarked;
