package dev.muster.problem;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.json.JsonMapper;

/**
 * The problem of one id of a batch: the members of RFC 9457, but for those that its request has. Immutable.
 *
 * @param retryable whether asking again may help
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record BatchItemProblem(
        String type,
        String title,
        int status,
        String detail,
        boolean retryable,
        @Nullable String backend,
        @Nullable String cause) {
    private static final ObjectWriter WRITER = JsonMapper.shared().writerFor(BatchItemProblem.class);

    /** What {@code failure} is to a client. */
    public static BatchItemProblem of(Throwable failure) {
        Problem problem = ProblemTable.of(failure);
        return new BatchItemProblem(
                problem.type().uri(),
                problem.type().title(),
                problem.status(),
                problem.detail(),
                problem.type().retryable(),
                problem.backend(),
                problem.cause() == null ? null : problem.cause().word());
    }

    /** As JSON. */
    public byte[] json() {
        return WRITER.writeValueAsBytes(this);
    }

    /** The problem's name among all, as metrics and logs have it. */
    public String slug() {
        return type.substring(type.lastIndexOf('/') + 1);
    }
}
