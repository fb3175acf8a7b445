package dev.muster.bulk;

import dev.muster.problem.BatchItemFailed;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** An answer in one JSON document, with the results in the order of the request. */
final class DocumentAnswer extends BatchAnswer {
    private final boolean whole;
    /** By item; null before the result is ready, and after it is written at its last place. */
    private final @Nullable ItemResult[] results;

    private int next;
    private boolean first = true;

    /** @param whole whether nothing may be sent before all results are ready */
    DocumentAnswer(BatchIds ids, Batch batch, Supplier<OutputStream> opening, boolean whole) {
        super(ids, batch, opening);
        this.whole = whole;
        this.results = new ItemResult[ids.distinct()];
    }

    @Override
    void add(ItemResult result) throws IOException {
        results[result.item()] = result;
        if (whole) {
            // All results are held to the end, so credit must not limit them. Memory does.
            batch.written(1, 0);
            return;
        }
        while (next < ids.requested() && results[ids.itemAt(next)] != null) {
            writeNext();
        }
    }

    private void writeNext() throws IOException {
        int item = ids.itemAt(next);
        ItemResult result = results[item];
        if (result != null) {
            if (next == ids.lastPlace(item)) {
                results[item] = null;
            }
            if (!whole && next == ids.firstPlace(item)) {
                creditDue();
            }
            if (admits(result)) {
                write(first ? "{\"results\":[" : ",");
                first = false;
                write(next, result);
            }
        }
        next++;
    }

    @Override
    void fail(ItemResult result) {
        throw new BatchItemFailed(
                ids.firstPlace(result.item()), ids.id(result.item()), Objects.requireNonNull(result.failure()));
    }

    @Override
    void addRest() throws IOException {
        while (next < ids.requested()) {
            writeNext();
        }
    }

    @Override
    void addSummary(byte[] summary) {
        write(first ? "{\"results\":[],\"summary\":" : "],\"summary\":");
        write(summary);
        write("}");
    }
}
