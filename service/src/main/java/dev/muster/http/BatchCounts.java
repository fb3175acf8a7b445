package dev.muster.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.json.JsonMapper;

/**
 * What became of the ids of a batch. Those that it has no result for are {@code notAttempted}: they were never begun,
 * were ended with the batch, or were not written before its end. Immutable.
 *
 * @param requested how many ids there were, repeated ones too; the sum of the four that follow {@code distinct}
 * @param distinct how many of them differ; each was fetched once, at most
 * @param succeeded results with a complete profile
 * @param partial results with a partial profile
 * @param failed results with a problem
 * @param elapsedMs from the request's head read to here, in milliseconds
 * @param cause what ended the batch before its end; null if nothing did
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

    /** As JSON. */
    public byte[] json() {
        return WRITER.writeValueAsBytes(this);
    }

    /** Whether there is a complete profile for each id. */
    boolean complete() {
        return succeeded == requested;
    }
}
