package dev.muster.backend;

import org.jspecify.annotations.Nullable;

/**
 * A backend gave no usable answer. The message is for clients and names no address. The cause, if any, is for the log.
 *
 * <p>These are expected results, matched exhaustively, so they carry no stack trace.
 */
public abstract sealed class BackendException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String backend;

    private BackendException(String backend, String message, @Nullable Throwable cause) {
        super(message, cause, false, false);
        this.backend = backend;
    }

    /** The label of the backend that failed. */
    public String backend() {
        return backend;
    }

    /** The message, never null. */
    public String detail() {
        return String.valueOf(getMessage());
    }

    public static final class TimedOut extends BackendException {
        private static final long serialVersionUID = 1L;

        private TimedOut(String backend, String what) {
            super(backend, "The " + backend + " backend " + what + ".", null);
        }

        /** The backend's timeout passed. */
        public static TimedOut byTimeout(String backend) {
            return new TimedOut(backend, "did not answer within its timeout");
        }

        /** The request's deadline passed. */
        public static TimedOut byDeadline(String backend) {
            return new TimedOut(backend, "had not answered when the request's deadline passed");
        }
    }

    /** The backend could not be reached, dropped the connection, or answered 5xx. */
    public static final class Unavailable extends BackendException {
        private static final long serialVersionUID = 1L;

        public Unavailable(String backend, String what, @Nullable Throwable cause) {
            super(backend, "The " + backend + " backend " + what + ".", cause);
        }
    }

    /** The backend answered 429 or 503, or its queue or rate limit here has no room for the call. */
    public static final class Overloaded extends BackendException {
        private static final long serialVersionUID = 1L;

        private final @Nullable String retryAfter;

        public Overloaded(String backend, String what, @Nullable String retryAfter) {
            super(backend, "The " + backend + " backend " + what + ".", null);
            this.retryAfter = retryAfter;
        }

        /** The backend's own Retry-After (RFC 9110 section 10.2.3), if it gave a valid one. */
        public @Nullable String retryAfter() {
            return retryAfter;
        }
    }

    public static final class BadResponse extends BackendException {
        private static final long serialVersionUID = 1L;

        public BadResponse(String backend, String what, @Nullable Throwable cause) {
            super(backend, "The " + backend + " backend " + what + ".", cause);
        }
    }

    /** The backend answered 404. */
    public static final class NotFound extends BackendException {
        private static final long serialVersionUID = 1L;

        public NotFound(String backend) {
            super(backend, "The " + backend + " backend does not know this id.", null);
        }
    }

    /** The backend answered 401 or 403 to the client's own credentials, which we forwarded. */
    public static final class Denied extends BackendException {
        private static final long serialVersionUID = 1L;

        private final int status;
        private final @Nullable String challenge;

        public Denied(String backend, int status, @Nullable String challenge) {
            super(backend, "The " + backend + " backend rejected the credentials that came with the request.", null);
            this.status = status;
            this.challenge = challenge;
        }

        public int status() {
            return status;
        }

        /** The backend's WWW-Authenticate, for 401. */
        public @Nullable String challenge() {
            return challenge;
        }
    }
}
