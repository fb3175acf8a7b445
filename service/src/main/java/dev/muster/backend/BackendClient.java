package dev.muster.backend;

import dev.muster.backend.CallTimes.Stage;
import dev.muster.concurrent.Deadline;
import dev.muster.concurrent.DeadlineTicker;
import dev.muster.config.AppConfig.BackendConfig;
import dev.muster.config.BackendName;
import java.io.IOException;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.SSLSocketFactory;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.MalformedChunkCodingException;
import org.apache.hc.core5.http.MessageConstraintException;
import org.apache.hc.core5.http.impl.DefaultConnectionReuseStrategy;
import org.apache.hc.core5.http.impl.io.HttpRequestExecutor;
import org.apache.hc.core5.http.message.BasicClassicHttpRequest;
import org.apache.hc.core5.http.protocol.HttpCoreContext;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.ObjectReader;

/**
 * Calls one backend: one blocking call for each id, the answer checked and typed.
 *
 * <p>Safe for use by any thread. An interrupt ends a call at once and closes its connection. The caller enforces
 * time limits by an interrupt.
 *
 * @param <T> the type of the backend's answers
 */
public final class BackendClient<T> implements AutoCloseable {
    /** Tells Go, Envoy and Istio services their remaining time, in milliseconds. */
    static final String TIMEOUT_HEADER = "x-envoy-expected-rq-timeout-ms";

    private static final HttpRequestExecutor EXECUTOR = new HttpRequestExecutor();

    private final BackendName backend;
    private final BackendConfig config;
    private final ObjectReader reader;
    private final ConnectionPool pool;
    private final AnswerCheck answerCheck;
    /** For calls of batches; null without a limit. */
    private final @Nullable RateLimit rateLimit;

    private final HttpHost origin;
    private final String host;
    private final String pathPrefix;

    private BackendClient(BackendName backend, BackendConfig config, ObjectReader reader, ConnectionPool pool) {
        this.backend = backend;
        this.config = config;
        this.reader = reader;
        this.pool = pool;
        this.answerCheck = new AnswerCheck(name(), config.forwardHeaders());
        this.rateLimit = config.bulkRateLimit() == 0 ? null : new RateLimit(config.bulkRateLimit());
        this.origin = HttpHost.create(config.baseUri());
        this.host = origin.toHostString();
        this.pathPrefix = config.baseUri().getRawPath();
    }

    /**
     * A client with its own connection pool and resolver thread. Closing the client ends both.
     *
     * @param bulkShare the share of the connections that calls of batches may hold, in percent, 1 to 100; rounded down,
     *     but at least one connection
     * @throws IOException if the configured trust store cannot be read
     */
    public static <T> BackendClient<T> open(
            BackendName backend, BackendConfig config, ObjectReader reader, int bulkShare, DeadlineTicker ticker)
            throws IOException {
        SSLSocketFactory tls = TlsSockets.factory(config);
        String host = Connector.bareHost(config.baseUri());
        Connector connector =
                new Connector(config.baseUri(), tls, new AddressResolver(backend.label(), host, config.dnsRefresh()));
        int bulkTotal = Math.max(1, config.maxConnections() * bulkShare / 100);
        Permits permits = new Permits(config.maxConnections(), bulkTotal, config.maxWaiting());
        ConnectionPool pool = new ConnectionPool(connector, permits, config.idleTimeout(), ticker);
        return new BackendClient<>(backend, config, reader, pool);
    }

    public BackendName backend() {
        return backend;
    }

    /** The name of the backend in logs, metrics and answers. */
    public String name() {
        return backend.label();
    }

    /** Whether even a lenient answer needs this backend. */
    public boolean isRequired() {
        return config.required();
    }

    public Deadline capped(Deadline deadline) {
        return deadline.capped(config.timeout());
    }

    /**
     * Waits for the backend's rate limit, if the call is one of a batch.
     *
     * @throws BackendException if the limit does not let the call begin before {@code deadline}
     * @throws InterruptedException if the caller was interrupted
     */
    public void awaitRate(Deadline deadline, CallContext context) throws BackendException, InterruptedException {
        if (rateLimit != null && context.callClass() == CallClass.BULK && !rateLimit.await(deadline)) {
            throw new BackendException.Overloaded(
                    name(), "has a rate limit for batches, and this call's turn would come after its deadline", null);
        }
    }

    public PoolUsage poolUsage() {
        return new PoolUsage(pool.activeCount(), pool.idleCount(), pool.waitingCount());
    }

    /** How many connections carry a call, how many are idle, and how many callers wait for one. */
    public record PoolUsage(int active, int idle, int waiting) {}

    /**
     * The load of this backend. Below 1: the part of its connections that carry a call. From 1 on: the longer a new
     * request would wait, the higher.
     */
    public double pressure() {
        return pool.permits().pressure();
    }

    /** Whether at least as many calls of admitted requests wait as the backend may have connections. */
    public boolean isBackedUp() {
        return pool.permits().isBackedUp();
    }

    /**
     * Waits for a request's turn at this backend, before the request begins.
     *
     * @param deadline when the call must end
     * @throws TurnTooLateException if the turn would come too late for that; perhaps thrown only when the turn comes
     * @throws BackendException.Overloaded if the queue is full
     * @throws InterruptedException if the caller was interrupted while it waited; it has no turn then
     */
    public Turn awaitTurn(Deadline deadline) throws TurnTooLateException, BackendException, InterruptedException {
        try {
            return new Turn(pool.permits().acquire(CallClass.SINGLE, deadline));
        } catch (Permits.QueueFullException e) {
            throw queueFull();
        }
    }

    /**
     * A request's turn at one backend: the right to make one call. The call gives the turn back. Without a call, the
     * holder must close it. Used by one thread at a time.
     */
    public static final class Turn implements AutoCloseable {
        private Permits.@Nullable Permit permit;

        private Turn(Permits.Permit permit) {
            this.permit = permit;
        }

        private Permits.Permit take() {
            Permits.Permit taken = Objects.requireNonNull(permit, "a turn is for one call");
            permit = null;
            return taken;
        }

        /** Gives the turn back, unless a call has used it. */
        @Override
        public void close() {
            if (permit != null) {
                take().giveBackUnused();
            }
        }
    }

    /**
     * Waits for a permit, and calls the backend for {@code id}.
     *
     * @param id put into the URI as it is, so it must need no escaping
     * @param deadline sent to the backend; the caller has this thread interrupted when it passes
     * @param times records how far the call came
     * @throws BackendException if there is no usable answer
     * @throws InterruptedException if the caller was interrupted
     */
    public T get(String id, Deadline deadline, CallContext context, CallTimes times)
            throws BackendException, InterruptedException {
        return get(id, deadline, context, times, () -> pool.permits().acquire(context.callClass(), deadline));
    }

    /** The same in a turn that the request has. */
    public T get(String id, Deadline deadline, CallContext context, CallTimes times, Turn turn)
            throws BackendException, InterruptedException {
        return get(id, deadline, context, times, turn::take);
    }

    private T get(String id, Deadline deadline, CallContext context, CallTimes times, PermitSource permits)
            throws BackendException, InterruptedException {
        times.mark(Stage.BEGAN);
        try {
            return parse(answerCheck.body(call(id, deadline, context, times, permits)));
        } finally {
            times.mark(Stage.ENDED);
        }
    }

    private interface PermitSource {
        Permits.Permit get() throws Permits.QueueFullException, TurnTooLateException, InterruptedException;
    }

    private Answer call(String id, Deadline deadline, CallContext context, CallTimes times, PermitSource permits)
            throws BackendException, InterruptedException {
        try (ConnectionPool.Lease lease = pool.lease(permits.get(), times)) {
            return exchange(lease, request(id, deadline, context));
        } catch (Permits.QueueFullException e) {
            throw queueFull();
        } catch (TurnTooLateException e) {
            throw new BackendException.Overloaded(
                    name(), "has so many calls waiting that this call's turn would come too late", null);
        } catch (IOException | HttpException e) {
            throw failure(e);
        }
    }

    private BackendException queueFull() {
        return new BackendException.Overloaded(name(), "has too many calls waiting", null);
    }

    private ClassicHttpRequest request(String id, Deadline deadline, CallContext context) {
        var request = new BasicClassicHttpRequest("GET", origin, pathPrefix + backend.resource(id));
        request.addHeader("Host", host);
        request.addHeader("Accept", "application/json");
        request.addHeader("User-Agent", "muster");
        // Envoy reads 0 as no limit.
        request.addHeader(TIMEOUT_HEADER, Math.max(1, deadline.remaining().toMillis()));
        request.addHeader("X-Request-Id", context.requestId());
        addIfPresent(request, "traceparent", context.traceparent());
        addIfPresent(request, "tracestate", context.tracestate());
        for (String name : config.forwardHeaders()) {
            for (String value : context.forwarded().getOrDefault(name, List.of())) {
                request.addHeader(name, value);
            }
        }
        return request;
    }

    private static void addIfPresent(ClassicHttpRequest request, String name, @Nullable String value) {
        if (value != null) {
            request.addHeader(name, value);
        }
    }

    /** One exchange. Tried again only if the backend closed a reused connection before it answered. */
    private Answer exchange(ConnectionPool.Lease lease, ClassicHttpRequest request)
            throws IOException, HttpException, InterruptedException {
        BackendConnection connection = lease.connection();
        try {
            return exchange(lease, connection, request);
        } catch (IOException e) {
            if (!connection.reused()
                    || connection.answerBegun()
                    || Thread.currentThread().isInterrupted()) {
                throw e;
            }
            return exchange(lease, lease.reconnect(), request);
        }
    }

    private Answer exchange(ConnectionPool.Lease lease, BackendConnection connection, ClassicHttpRequest request)
            throws IOException, HttpException {
        HttpCoreContext context = HttpCoreContext.create();
        connection.beginExchange(lease.times(), config.maxBody());
        ClassicHttpResponse response = EXECUTOR.execute(request, connection, context);
        Answer answer = Answer.read(response, config.maxBody());
        if (answer.body() != null && DefaultConnectionReuseStrategy.INSTANCE.keepAlive(request, response, context)) {
            lease.markReusable();
        }
        return answer;
    }

    /** What the error of an exchange means. An interrupt may be its cause, and is checked first. */
    private BackendException failure(Exception e) throws InterruptedException {
        if (Thread.interrupted()) {
            InterruptedException interrupted = new InterruptedException("interrupted during a backend call");
            interrupted.initCause(e);
            throw interrupted;
        }
        return switch (e) {
            case UnknownHostException unknown ->
                new BackendException.Unavailable(name(), "has a name that cannot be resolved", unknown);
            case BackendConnection.ExcessException excess ->
                new BackendException.BadResponse(name(), String.valueOf(excess.getMessage()), excess);
            case HttpException _, MalformedChunkCodingException _, MessageConstraintException _ ->
                new BackendException.BadResponse(name(), "did not answer in valid HTTP", e);
            default -> new BackendException.Unavailable(name(), "could not be reached, or the connection broke", e);
        };
    }

    private T parse(byte[] body) throws BackendException {
        try {
            T value = reader.readValue(body);
            if (value == null) {
                throw new BackendException.BadResponse(name(), "answered null", null);
            }
            return value;
        } catch (JacksonException e) {
            throw new BackendException.BadResponse(name(), "answered with JSON that breaks its contract", e);
        }
    }

    @Override
    public void close() {
        pool.close();
    }
}
