package dev.muster.http;

/** Keeps account of requests as they begin and end. Implementations are thread-safe. */
public interface RequestObserver {
    void begins(Exchange exchange);

    /** Called once for each that began, with the status of its answer. */
    void ends(Exchange exchange, int status);
}
