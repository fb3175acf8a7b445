package dev.muster.bulk;

import dev.muster.backend.BackendException;
import dev.muster.backend.CallContext;
import dev.muster.concurrent.Cancellation;
import dev.muster.concurrent.Deadline;
import dev.muster.config.Handling;
import dev.muster.problem.RequestCancelled;

/** Where a batch has its profiles from. Safe for use by any thread. */
@FunctionalInterface
public interface ProfileSource {
    /**
     * Fetches one profile.
     *
     * @param cancellation not used before; armed on the calling thread while the backends are asked
     * @throws BackendException if there is none
     * @throws RequestCancelled if it was cancelled before there was one
     */
    Fetched fetch(String id, Deadline deadline, Handling handling, Cancellation cancellation, CallContext context)
            throws BackendException;

    /** A profile, as it goes into the answer. Immutable, if nobody writes to its bytes. */
    final class Fetched {
        private final byte[] json;
        private final boolean complete;

        /**
         * A profile.
         *
         * @param json not to be changed afterwards
         * @param complete whether nothing is missing
         */
        public Fetched(byte[] json, boolean complete) {
            this.json = json;
            this.complete = complete;
        }

        byte[] json() {
            return json;
        }

        boolean complete() {
            return complete;
        }
    }
}
