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
            write(place, result);
            write("\n");
        }
    }

    @Override
    void fail(ItemResult result) throws IOException {
        add(result);
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
