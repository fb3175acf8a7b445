package dev.muster.concurrent;

/** Shows tests of other packages the size of a ticker. */
public final class Tickers {
    private Tickers() {}

    /** How many deadlines wait. */
    public static int waiting(DeadlineTicker ticker) {
        return ticker.size();
    }
}
