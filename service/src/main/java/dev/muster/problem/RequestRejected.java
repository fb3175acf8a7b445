package dev.muster.problem;

import dev.muster.connection.HttpViolation;
import io.helidon.http.Method;
import io.helidon.http.Status;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Rejects a request, for what it says or because there is no room for it. Features throw it; {@link ProblemTable} turns
 * it into a problem.
 *
 * <p>An expected result, so it has no stack trace. Sealed, so that the compiler finds a reason that has no problem.
 */
public abstract sealed class RequestRejected extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private RequestRejected(String detail) {
        super(detail, null, false, false);
    }

    String detail() {
        return String.valueOf(getMessage());
    }

    /** The methods of RFC 9110 section 9 and RFC 5789; any other is 501 on every path. */
    private static final Set<Method> KNOWN_METHODS = Set.of(
            Method.GET,
            Method.HEAD,
            Method.POST,
            Method.PUT,
            Method.PATCH,
            Method.DELETE,
            Method.OPTIONS,
            Method.TRACE,
            Method.CONNECT);

    /** Why {@code method} is rejected at a path that has the methods in {@code allow}. */
    public static RequestRejected method(Method method, String allow) {
        return KNOWN_METHODS.contains(method) ? new MethodNotAllowed(allow) : new NotImplemented();
    }

    /** Why {@code method} is rejected at a path that does not exist. */
    public static RequestRejected path(Method method) {
        return KNOWN_METHODS.contains(method) ? new UnknownPath() : new NotImplemented();
    }

    /** Why a request is rejected whose body could not be read, by the status and message of Helidon or the guard. */
    public static RequestRejected body(Status status, @Nullable String message) {
        return switch (status.code()) {
            case 408 -> new BodyTooSlow();
            case 413 -> new BodyTooLarge();
            case 503 -> new ShuttingDown();
            default -> new BadRequest(ParserErrors.saying(message));
        };
    }

    public static final class BadId extends RequestRejected {
        private static final long serialVersionUID = 1L;

        private final @Nullable Integer index;

        public BadId(String rule) {
            super("The id must be " + rule + ".");
            this.index = null;
        }

        /** The id at {@code index} of a batch's list. */
        public BadId(String rule, int index) {
            super("ids[" + index + "] must be " + rule + ".");
            this.index = index;
        }

        /** Its position in a batch's list; null if there is no list. */
        @Nullable
        Integer index() {
            return index;
        }
    }

    public static final class BadBatch extends RequestRejected {
        private static final long serialVersionUID = 1L;

        private final @Nullable Integer index;

        public BadBatch(String detail) {
            super(detail);
            this.index = null;
        }

        public BadBatch(int index) {
            super("ids[" + index + "] must be a string.");
            this.index = index;
        }

        /** The position of the fault in the list of ids; null if it is not in there. */
        @Nullable
        Integer index() {
            return index;
        }
    }

    public static final class TooManyIds extends RequestRejected {
        private static final long serialVersionUID = 1L;

        /** At most {@code distinct} different ids, and in all at most {@code repetitions} times as many. */
        public TooManyIds(int distinct, int repetitions) {
            super("A batch may have at most " + distinct + " different ids, and in total at most " + repetitions
                    + " times as many ids as it has different ones.");
        }
    }

    /** This instance has too much to do; the same request may succeed a little later. */
    public abstract static sealed class Overloaded extends RequestRejected {
        private static final long serialVersionUID = 1L;

        private Overloaded(String detail) {
            super(detail);
        }
    }

    public static final class TooManyBatches extends Overloaded {
        private static final long serialVersionUID = 1L;

        public TooManyBatches(String detail) {
            super(detail);
        }
    }

    public static final class UnknownPath extends RequestRejected {
        private static final long serialVersionUID = 1L;

        public UnknownPath() {
            super("There is nothing at this path.");
        }
    }

    /** The path exists, for other methods. */
    public static final class MethodNotAllowed extends RequestRejected {
        private static final long serialVersionUID = 1L;

        private final String allow;

        public MethodNotAllowed(String allow) {
            super("This path allows " + allow + ".");
            this.allow = allow;
        }

        String allow() {
            return allow;
        }
    }

    public static final class NotImplemented extends RequestRejected {
        private static final long serialVersionUID = 1L;

        public NotImplemented() {
            super("The method is not known to this server.");
        }
    }

    /** The Accept header excludes every media type of the resource. */
    public static final class NotAcceptable extends RequestRejected {
        private static final long serialVersionUID = 1L;

        public NotAcceptable(List<String> offered) {
            super("This resource can be sent as " + String.join(" or ", offered) + ".");
        }
    }

    public static final class BadRequest extends RequestRejected {
        private static final long serialVersionUID = 1L;

        private final HttpViolation why;

        public BadRequest(HttpViolation why) {
            super(why.detail());
            this.why = why;
        }

        HttpViolation why() {
            return why;
        }
    }

    public static final class UnsupportedMediaType extends RequestRejected {
        private static final long serialVersionUID = 1L;

        private final String accepted;

        public UnsupportedMediaType(String accepted) {
            super("The body must be " + accepted + ".");
            this.accepted = accepted;
        }

        /** The value of the response's Accept header: what a body may be (RFC 9110 section 12.5.1). */
        String accepted() {
            return accepted;
        }
    }

    public static final class BodyTooLarge extends RequestRejected {
        private static final long serialVersionUID = 1L;

        public BodyTooLarge() {
            super("The request body is longer than the server reads.");
        }
    }

    public static final class BodyTooSlow extends RequestRejected {
        private static final long serialVersionUID = 1L;

        public BodyTooSlow() {
            super("The request body did not arrive in time.");
        }
    }

    public static final class TooManyRequests extends Overloaded {
        private static final long serialVersionUID = 1L;

        public TooManyRequests() {
            super("The server already serves its maximum of requests.");
        }
    }

    public static final class TurnTooLate extends Overloaded {
        private static final long serialVersionUID = 1L;

        public TurnTooLate() {
            super("The request's turn would come too late for its deadline.");
        }
    }

    /** The service is shutting down, and does not wait for the rest of the request. */
    public static final class ShuttingDown extends RequestRejected {
        private static final long serialVersionUID = 1L;

        public ShuttingDown() {
            super("The service is shutting down, and takes no more requests.");
        }
    }
}
