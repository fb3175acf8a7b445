package dev.muster.bulk;

import dev.muster.concurrent.Cancellation.Cause;
import dev.muster.http.BatchCounts;
import dev.muster.problem.BatchItemFailed;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes the answer to a batch in pieces. A piece is sent when it is large enough, or when no result is ready. Sending
 * returns the results' credit and memory to the batch.
 *
 * <p>Each result is added only if the answer need not end yet: a slow client may have used up the time. A result not
 * added counts as not attempted.
 *
 * <p>For the request's thread alone.
 */
abstract sealed class BatchAnswer permits LinesAnswer, DocumentAnswer {
    private static final int PIECE = 16 << 10;

    /** The most bytes of results to add once the answer must end; a slow client takes a while to read them. */
    static final int LAST = 256 << 10;

    final BatchIds ids;
    final Batch batch;
    private final Supplier<OutputStream> opening;
    private final ByteArrayOutputStream piece = new ByteArrayOutputStream();
    private @Nullable OutputStream out;
    private int creditDue;
    private long bytesDue;
    private int room = LAST;
    private @Nullable Cause cutBy;
    private int succeeded;
    private int partial;
    private int failed;

    /** @param opening starts the response */
    BatchAnswer(BatchIds ids, Batch batch, Supplier<OutputStream> opening) {
        this.ids = ids;
        this.batch = batch;
        this.opening = opening;
    }

    /** Adds a result at all its places, each as soon as it can be written. */
    abstract void add(ItemResult result) throws IOException;

    /**
     * Adds the failed result that ends the batch.
     *
     * @throws BatchItemFailed if it is the whole answer
     */
    abstract void fail(ItemResult result) throws IOException;

    /** Adds the results that waited for others, now that no more will come. */
    abstract void addRest() throws IOException;

    /** Adds the summary, after all results. */
    abstract void addSummary(byte[] summary);

    /** Whether a part is sent, and the status can no longer change. */
    final boolean begun() {
        return out != null;
    }

    /** Whether a result may be written at one more place; if not, the answer is cut. */
    final boolean admits(ItemResult result) {
        Cause cause = batch.answerEndedBy();
        if (cause == null) {
            return true;
        }
        if (cause != Cause.CLIENT_GONE && result.bytes() <= room) {
            room -= result.bytes();
            return true;
        }
        if (cutBy == null) {
            cutBy = cause;
        }
        return false;
    }

    /** The cause that kept ready results out of the answer; null if all are in. */
    final @Nullable Cause cutBy() {
        return cutBy;
    }

    /** Writes a result for one place in the list. */
    final void write(int place, ItemResult result) throws IOException {
        count(result);
        write("{\"index\":" + place + ",\"id\":\"" + ids.id(result.item()) + "\",\"status\":" + result.status()
                + ",\"complete\":" + result.complete()
                + (result.failure() == null ? ",\"profile\":" : ",\"problem\":"));
        piece.writeBytes(result.json());
        write("}");
        if (place == ids.lastPlace(result.item())) {
            bytesDue += result.bytes();
        }
        if (piece.size() >= PIECE) {
            send();
        }
    }

    final void write(String ascii) {
        piece.writeBytes(ascii.getBytes(StandardCharsets.US_ASCII));
    }

    final void write(byte[] bytes) {
        piece.writeBytes(bytes);
    }

    /** Returns one result's credit with the next piece. */
    final void creditDue() {
        creditDue++;
    }

    private void count(ItemResult result) {
        if (result.failure() != null) {
            failed++;
        } else if (result.complete()) {
            succeeded++;
        } else {
            partial++;
        }
    }

    final void send() throws IOException {
        if (piece.size() > 0) {
            emptyPiece().flush();
        }
        if (creditDue > 0 || bytesDue > 0) {
            batch.written(creditDue, bytesDue);
            creditDue = 0;
            bytesDue = 0;
        }
    }

    private OutputStream emptyPiece() throws IOException {
        OutputStream stream = out;
        if (stream == null) {
            stream = opening.get();
            out = stream;
        }
        piece.writeTo(stream);
        piece.reset();
        return stream;
    }

    /**
     * Ends the answer with its summary.
     *
     * @param cause of the batch's early end; null if none
     */
    final void end(Supplier<Duration> elapsed, @Nullable String cause) throws IOException {
        addSummary(counts(elapsed.get(), cause).json());
        // No flush: an answer of one piece goes out in one write, with its Content-Length.
        emptyPiece().close();
    }

    /** Counts the results written so far; {@code cause} is that of the batch's early end. */
    final BatchCounts counts(Duration elapsed, @Nullable String cause) {
        return new BatchCounts(
                ids.requested(),
                ids.distinct(),
                succeeded,
                partial,
                failed,
                ids.requested() - succeeded - partial - failed,
                Math.round(elapsed.toNanos() / 1e3) / 1e3,
                succeeded == ids.requested() ? null : cause);
    }
}
