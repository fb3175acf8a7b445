package dev.muster.concurrent;

/** What tests of other packages may know of a ticker. */
public final class Tickers {
    private Tickers() {}

    /** How many deadlines wait. */
    public static int waiting(DeadlineTicker ticker) {
        return ticker.size();
    }
}
