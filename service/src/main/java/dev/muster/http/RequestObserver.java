package dev.muster.http;

/** Is told when requests begin and end. Implementations are thread-safe. */
public interface RequestObserver {
    default void begins(Exchange exchange) {}

    /** Called once for each request that began, with the status of its answer. */
    void ends(Exchange exchange, int status);
}
