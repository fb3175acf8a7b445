package dev.muster.problem;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.json.JsonMapper;

/**
 * The problem of one id in a batch: the members of RFC 9457, without those of the whole request. Immutable.
 *
 * @param retryable whether another try may help
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

    public byte[] json() {
        return WRITER.writeValueAsBytes(this);
    }

    /** The last segment of its type, which is its name in metrics and logs. */
    public String slug() {
        return type.substring(type.lastIndexOf('/') + 1);
    }
}
