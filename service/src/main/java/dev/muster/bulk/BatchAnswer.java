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
 * The answer to a batch as it grows. Results are collected into pieces, and a piece is sent when it is large enough or
 * when there is nothing to add at the moment; with that, the batch gets back what the results took.
 *
 * <p>Before each result it asks whether the answer is to end, however many are there: sending one may have taken the
 * client as long as it liked. What is not added then has no result.
 *
 * <p>Used by the request's own thread alone.
 */
abstract sealed class BatchAnswer permits LinesAnswer, DocumentAnswer {
    private static final int PIECE = 16 << 10;

    /** What is still added once the answer is to end, in bytes of results; who reads slowly takes a while for it. */
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

    /**
     * An answer of which nothing is sent.
     *
     * @param opening begins to send it
     */
    BatchAnswer(BatchIds ids, Batch batch, Supplier<OutputStream> opening) {
        this.ids = ids;
        this.batch = batch;
        this.opening = opening;
    }

    /** Adds a result in whichever place it has, as soon as that can be written. */
    abstract void add(ItemResult result) throws IOException;

    /**
     * Adds a result that has failed, and is the end of the batch.
     *
     * @throws BatchItemFailed if it is the whole answer
     */
    abstract void fail(ItemResult result) throws IOException;

    /** Adds the results that have waited for others, which do not come any more. */
    abstract void addRest() throws IOException;

    /** Adds the summary, behind all results. */
    abstract void addSummary(byte[] summary);

    /** Whether anything is sent, so that it is too late for another status. */
    final boolean begun() {
        return out != null;
    }

    /** Whether a result may be written at one more place. Where not, the answer is cut. */
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

    /** Why results are missing that were there; null if none is. */
    final @Nullable Cause cutBy() {
        return cutBy;
    }

    /** Writes a result at a place of the list. */
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

    /** Gives back a result's credit with the next piece. */
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

    /** Sends what is there. */
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
     * @param cause what ended the batch before its end; null if nothing did
     */
    final void end(Supplier<Duration> elapsed, @Nullable String cause) throws IOException {
        addSummary(counts(elapsed.get(), cause).json());
        // Not flushed before: an answer of one piece goes out with its length, in one write.
        emptyPiece().close();
    }

    /** What has been written so far, where the batch was ended by {@code cause}, if it was. */
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
