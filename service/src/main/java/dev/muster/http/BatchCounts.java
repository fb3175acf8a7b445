package dev.muster.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.json.JsonMapper;

/**
 * How many ids of a batch have which result. Immutable.
 *
 * @param requested all ids, repeated ones included; the sum of the four that follow {@code distinct}
 * @param distinct different ids; each was fetched at most once
 * @param succeeded results with a complete profile
 * @param partial results with a partial profile
 * @param failed results with a problem
 * @param notAttempted ids without a result: not started, cancelled with the batch, or not written before its end
 * @param elapsedMs milliseconds since the request's head was read
 * @param cause what ended the batch early; null if nothing did
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record BatchCounts(
        int requested,
        int distinct,
        int succeeded,
        int partial,
        int failed,
        int notAttempted,
        double elapsedMs,
        @Nullable String cause) {
    private static final ObjectWriter WRITER = JsonMapper.shared().writerFor(BatchCounts.class);

    public byte[] json() {
        return WRITER.writeValueAsBytes(this);
    }

    /** Whether each id has a complete profile. */
    boolean complete() {
        return succeeded == requested;
    }
}
