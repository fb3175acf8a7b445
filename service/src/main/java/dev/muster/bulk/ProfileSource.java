package dev.muster.bulk;

import dev.muster.backend.BackendException;
import dev.muster.backend.CallContext;
import dev.muster.concurrent.Cancellation;
import dev.muster.concurrent.Deadline;
import dev.muster.config.Handling;
import dev.muster.problem.RequestCancelled;

/** Fetches the profiles of batches. Thread-safe. */
@FunctionalInterface
public interface ProfileSource {
    /**
     * Fetches one profile.
     *
     * @param cancellation a new one; armed on the calling thread during the backend calls
     * @throws BackendException if there is no profile
     * @throws RequestCancelled if cancelled before there was a profile
     */
    Fetched fetch(String id, Deadline deadline, Handling handling, Cancellation cancellation, CallContext context)
            throws BackendException;

    /** A profile, as it goes into the answer. Immutable, if nobody writes to its bytes. */
    final class Fetched {
        private final byte[] json;
        private final boolean complete;

        /**
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
