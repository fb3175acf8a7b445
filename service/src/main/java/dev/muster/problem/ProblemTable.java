package dev.muster.problem;

import dev.muster.backend.BackendException;
import dev.muster.connection.HttpViolation;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.HttpException;
import java.util.Objects;

/** The one table from exceptions and statuses to the problems that clients see. */
public final class ProblemTable {
    private static final Header RETRY_SOON = HeaderValues.create(HeaderNames.RETRY_AFTER, "1");

    private ProblemTable() {}

    public static Problem of(Throwable thrown) {
        return switch (thrown) {
            case BackendException e -> ofBackend(e);
            case RequestRejected e -> ofRequest(e);
            case RequestCancelled e -> ofCancelled(e);
            case BatchItemFailed e -> of(Objects.requireNonNull(e.getCause())).at(e.index(), e.id());
            case HttpException e -> ofStatus(e.status().code());
            default -> ofStatus(500);
        };
    }

    private static Problem ofBackend(BackendException e) {
        return switch (e) {
            case BackendException.NotFound _ -> about(ProblemType.USER_NOT_FOUND, e);
            case BackendException.TimedOut _ -> about(ProblemType.DEADLINE_EXCEEDED, e);
            case BackendException.Unavailable _ -> about(ProblemType.BACKEND_FAILED, e);
            case BackendException.BadResponse _ -> about(ProblemType.BAD_RESPONSE, e);
            case BackendException.Overloaded overloaded -> {
                String retryAfter = overloaded.retryAfter();
                yield about(ProblemType.OVERLOADED, e)
                        .with(
                                retryAfter == null
                                        ? RETRY_SOON
                                        : HeaderValues.create(HeaderNames.RETRY_AFTER, retryAfter));
            }
            case BackendException.Denied denied -> {
                Problem problem = about(denied.status() == 401 ? ProblemType.UNAUTHORIZED : ProblemType.FORBIDDEN, e);
                String challenge = denied.challenge();
                yield challenge == null
                        ? problem
                        : problem.with(HeaderValues.create(HeaderNames.WWW_AUTHENTICATE, challenge));
            }
        };
    }

    private static Problem about(ProblemType type, BackendException e) {
        return Problem.of(type, e.detail(), e.backend(), null);
    }

    private static Problem ofRequest(RequestRejected e) {
        return switch (e) {
            case RequestRejected.BadId id ->
                Problem.of(ProblemType.BAD_ID, e.detail()).at(id.index(), null);
            case RequestRejected.BadBatch batch ->
                Problem.of(ProblemType.BAD_BATCH, e.detail()).at(batch.index(), null);
            case RequestRejected.TooManyIds _ -> Problem.of(ProblemType.TOO_MANY_IDS, e.detail());
            case RequestRejected.UnknownPath _ -> Problem.of(ProblemType.UNKNOWN_PATH, e.detail());
            case RequestRejected.NotAcceptable _ -> Problem.of(ProblemType.NOT_ACCEPTABLE, e.detail());
            case RequestRejected.NotImplemented _ -> Problem.of(ProblemType.NOT_IMPLEMENTED, e.detail());
            case RequestRejected.BadRequest bad -> of(bad.why());
            case RequestRejected.BodyTooSlow _ -> Problem.of(ProblemType.REQUEST_TIMEOUT, e.detail());
            case RequestRejected.BodyTooLarge _ -> Problem.of(ProblemType.PAYLOAD_TOO_LARGE, e.detail());
            case RequestRejected.ShuttingDown _ ->
                Problem.of(ProblemType.DRAINING, e.detail()).with(RETRY_SOON);
            case RequestRejected.Overloaded _ ->
                Problem.of(ProblemType.OVERLOADED, e.detail()).with(RETRY_SOON);
            case RequestRejected.UnsupportedMediaType type ->
                Problem.of(ProblemType.UNSUPPORTED_MEDIA_TYPE, e.detail())
                        .with(HeaderValues.create(HeaderNames.ACCEPT, type.accepted()));
            case RequestRejected.MethodNotAllowed method ->
                Problem.of(ProblemType.METHOD_NOT_ALLOWED, e.detail())
                        .with(HeaderValues.create(HeaderNames.ALLOW, method.allow()));
        };
    }

    private static Problem ofCancelled(RequestCancelled e) {
        return switch (e.why()) {
            case DEADLINE -> cancelled(ProblemType.DEADLINE_EXCEEDED, e);
            case SHUTDOWN -> cancelled(ProblemType.DRAINING, e).with(RETRY_SOON);
            // Never sent: the client has gone, or the failure itself is the answer.
            case CLIENT_GONE, SIBLING_FAILED -> ofStatus(500);
        };
    }

    private static Problem cancelled(ProblemType type, RequestCancelled e) {
        return Problem.of(type, e.detail(), null, e.why());
    }

    public static Problem of(HttpViolation why) {
        return Problem.of(
                switch (why.status()) {
                    case 431 -> ProblemType.HEAD_TOO_LARGE;
                    case 501 -> ProblemType.NOT_IMPLEMENTED;
                    default -> ProblemType.BAD_REQUEST;
                },
                why.detail());
    }

    /** The problem for an error of Helidon of which only the status is known. */
    public static Problem ofStatus(int status) {
        return switch (status) {
            case 404 -> Problem.of(ProblemType.UNKNOWN_PATH, "There is nothing at this path.");
            case 408 -> Problem.of(ProblemType.REQUEST_TIMEOUT, "The request did not arrive in time.");
            case 413 -> Problem.of(ProblemType.PAYLOAD_TOO_LARGE, "The request body is longer than the server reads.");
            case 414 -> Problem.of(ProblemType.URI_TOO_LONG, "The request line is longer than the server reads.");
            case 431 -> Problem.of(ProblemType.HEAD_TOO_LARGE, "The request's head is longer than the server reads.");
            case 501 ->
                Problem.of(
                        ProblemType.NOT_IMPLEMENTED, "The method or the transfer coding is not known to this server.");
            case 503 ->
                Problem.of(ProblemType.OVERLOADED, "The server already has its maximum of connections.")
                        .with(RETRY_SOON);
            case 505 -> Problem.of(ProblemType.HTTP_VERSION_NOT_SUPPORTED, "This server speaks HTTP/1.1 only.");
            default ->
                status < 500
                        ? of(HttpViolation.OTHER)
                        : Problem.of(ProblemType.INTERNAL_ERROR, "The server failed unexpectedly.");
        };
    }
}
