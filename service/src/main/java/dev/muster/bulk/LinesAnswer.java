package dev.muster.bulk;

import java.io.IOException;
import java.io.OutputStream;
import java.util.function.Supplier;

/** An answer in lines of JSON (application/x-ndjson): a result each, in the order of completion, and a summary. */
final class LinesAnswer extends BatchAnswer {
    LinesAnswer(BatchIds ids, Batch batch, Supplier<OutputStream> opening) {
        super(ids, batch, opening);
    }

    @Override
    void add(ItemResult result) throws IOException {
        creditDue();
        for (int place : ids.places(result.item())) {
            if (admits(result)) {
                writeLine(place, result);
            }
        }
    }

    /** Adds it at one place in any case: without it nobody could tell what ended the batch. */
    @Override
    void fail(ItemResult result) throws IOException {
        creditDue();
        for (int place : ids.places(result.item())) {
            if (place == ids.firstPlace(result.item()) || admits(result)) {
                writeLine(place, result);
            }
        }
    }

    private void writeLine(int place, ItemResult result) throws IOException {
        write(place, result);
        write("\n");
    }

    @Override
    void addRest() {
        // Nothing waits here.
    }

    @Override
    void addSummary(byte[] summary) {
        write("{\"summary\":");
        write(summary);
        write("}\n");
    }
}
