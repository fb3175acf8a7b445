package dev.muster.profile;

import dev.muster.backend.CallContext;
import dev.muster.concurrent.Cancellation;
import dev.muster.concurrent.Deadline;
import dev.muster.config.Handling;

/**
 * One request for a profile. Immutable but for the cancellation.
 *
 * @param id a valid id
 * @param deadline of the answer
 * @param handling whether parts may be missing
 * @param cancellation a new one
 * @param context of every call
 */
public record ProfileQuery(
        String id, Deadline deadline, Handling handling, Cancellation cancellation, CallContext context) {}
