package dev.muster.profile;

import dev.muster.backend.CallContext;
import dev.muster.concurrent.Cancellation;
import dev.muster.concurrent.Deadline;
import dev.muster.config.Handling;

/**
 * Which profile is wanted, and on what terms. Immutable but for the cancellation.
 *
 * @param id valid
 * @param deadline when the answer has to be there
 * @param handling whether something may be missing
 * @param cancellation not used before
 * @param context what goes with every call
 */
public record ProfileQuery(
        String id, Deadline deadline, Handling handling, Cancellation cancellation, CallContext context) {}
