package dev.muster.bulk;

import java.io.IOException;
import java.io.OutputStream;
import java.util.function.Supplier;

/** An answer in JSON lines (application/x-ndjson): one result each, in the order of completion, then a summary. */
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

    /** Always adds the failure at one place: without it, the client could not tell what ended the batch. */
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
        // No result waits for another.
    }

    @Override
    void addSummary(byte[] summary) {
        write("{\"summary\":");
        write(summary);
        write("}\n");
    }
}
