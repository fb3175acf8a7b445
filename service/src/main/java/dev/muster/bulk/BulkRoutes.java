package dev.muster.bulk;

import dev.muster.concurrent.Cancellation.Cause;
import dev.muster.concurrent.DeadlineTicker;
import dev.muster.config.AppConfig.BulkConfig;
import dev.muster.connection.GuardedConnection;
import dev.muster.http.Endpoint;
import dev.muster.http.Exchange;
import dev.muster.http.ResponseWriter;
import dev.muster.metrics.BatchMetrics;
import dev.muster.problem.RequestCancelled;
import dev.muster.problem.RequestRejected;
import dev.muster.request.ForwardedHeaders;
import dev.muster.request.RequestBody;
import dev.muster.request.RequestTerms;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Serves {@code POST /profiles:batch}: reads the request, starts the batch, writes its results. Thread-safe. */
public final class BulkRoutes {
    private static final String JSON = "application/json";
    private static final String LINES = "application/x-ndjson";
    private static final Header VARY = HeaderValues.create(HeaderNames.VARY, "Prefer, Accept");

    private final BulkConfig config;
    private final ForwardedHeaders forwarded;
    private final ProfileSource source;
    private final WorkerPool pool;
    private final ByteBudget memory;
    private final DeadlineTicker ticker;
    private final BatchMetrics metrics;

    /** @param forwarded the request headers that backends get */
    public BulkRoutes(
            BulkConfig config,
            ForwardedHeaders forwarded,
            ProfileSource source,
            WorkerPool pool,
            ByteBudget memory,
            DeadlineTicker ticker,
            BatchMetrics metrics) {
        this.config = config;
        this.forwarded = forwarded;
        this.source = source;
        this.pool = pool;
        this.memory = memory;
        this.ticker = ticker;
        this.metrics = metrics;
    }

    public Endpoint endpoint() {
        return Endpoint.post(
                "/profiles:batch", JSON, List.of(JSON, LINES), List.of(VARY, ResponseWriter.NO_STORE), this::answer);
    }

    private void answer(ServerRequest request, ServerResponse response, String mediaType) throws IOException {
        Exchange exchange = Exchange.current();
        RequestTerms stated = RequestTerms.of(exchange.head(), config.deadline(), config.handling());
        exchange.beginsBatch(stated);
        stated.announce(response);
        if (GuardedConnection.current().isClosing()) {
            throw new RequestRejected.ShuttingDown();
        }
        Batch.Terms terms = new Batch.Terms(
                stated.deadline(),
                stated.deadline().minus(config.deadline().reserve()),
                stated.handling(),
                exchange.cancellation(),
                exchange.head().callContext(forwarded).asBulk());
        Supplier<OutputStream> opening = () ->
                ResponseWriter.stream(request, response, HeaderValues.create(HeaderNames.CONTENT_TYPE, mediaType));
        try (ByteBudget.Share share = memory.open()) {
            BatchIds ids = BatchIds.parse(read(request, share), config.maxIds());
            share.releaseAll();
            try (Batch batch = new Batch(ids, terms, source, share, metrics, pool, ticker)) {
                BatchAnswer answer = mediaType.equals(LINES)
                        ? new LinesAnswer(ids, batch, opening)
                        : new DocumentAnswer(ids, batch, opening, terms.strict());
                serve(exchange, terms, batch, answer);
            }
        } catch (WorkerPool.QueueFullException e) {
            throw noRoom("queue", "The queue of batches is full.");
        }
    }

    private byte[] read(ServerRequest request, ByteBudget.Share share) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        RequestBody.read(request, new FilterOutputStream(body) {
            @Override
            public void write(byte[] bytes, int offset, int length) {
                if (!share.mayGrow()) {
                    throw noRoom("memory", "There is no free memory to read a batch now.");
                }
                share.take(length);
                body.write(bytes, offset, length);
            }
        });
        return body.toByteArray();
    }

    private RequestRejected noRoom(String reason, String detail) {
        metrics.rejected(reason);
        return new RequestRejected.TooManyBatches(detail);
    }

    private void serve(Exchange exchange, Batch.Terms terms, Batch batch, BatchAnswer answer) throws IOException {
        try {
            addResults(terms, batch, answer);
            batch.end();
            requireWanted(terms, batch, answer);
            if (batch.overloaded()) {
                RequestRejected noRoom =
                        noRoom("memory", "The results do not fit into the memory that is free for batches now.");
                if (!answer.begun()) {
                    throw noRoom;
                }
            }
            answer.addRest();
            requireWanted(terms, batch, answer);
            answer.end(exchange::age, word(batch, answer));
        } finally {
            batch.end();
            exchange.outcome().batchEnds(answer.counts(exchange.age(), word(batch, answer)));
        }
    }

    /** Adds results as they come, up to the last one, or to the first failure of a strict batch. */
    private static void addResults(Batch.Terms terms, Batch batch, BatchAnswer answer) throws IOException {
        while (!batch.isOver()) {
            ItemResult result = batch.poll();
            if (result == null) {
                answer.send();
                result = batch.await();
            }
            if (result == null) {
                return;
            }
            requireWanted(terms, batch, answer);
            if (!terms.strict() || result.failure() == null) {
                answer.add(result);
            } else if (!(result.failure() instanceof RequestCancelled)) {
                answer.fail(result);
                return;
            }
        }
    }

    /** Throws if the client has gone, or if a problem is the better answer and can still be sent. */
    private static void requireWanted(Batch.Terms terms, Batch batch, BatchAnswer answer) {
        Cause cause = endedBy(batch, answer);
        if (cause == Cause.CLIENT_GONE) {
            throw new RequestCancelled(cause, "The client left before the batch was done.");
        }
        if (cause == Cause.SHUTDOWN && !answer.begun()) {
            throw new RequestCancelled(cause, "The service is shutting down. It ended the batch early.");
        }
        if (cause == Cause.DEADLINE && !answer.begun() && terms.strict()) {
            throw new RequestCancelled(cause, "The batch's deadline passed before it was done.");
        }
    }

    /** The cause that ended the items or the answer early; null if none. */
    private static @Nullable Cause endedBy(Batch batch, BatchAnswer answer) {
        Cause cause = batch.endedBy();
        return cause != null ? cause : answer.cutBy();
    }

    private static @Nullable String word(Batch batch, BatchAnswer answer) {
        if (batch.overloaded()) {
            return "overloaded";
        }
        Cause cause = endedBy(batch, answer);
        return cause == null ? null : cause.word();
    }
}
