package dev.muster.connection;

/**
 * Limits the header lines of one head as they arrive. Used by one thread.
 *
 * <p>Many lines cost Helidon quadratic time. Its map has keys without an order, so it compares each with all others of
 * the same hash, and a client can choose such names. Each further line of a name copies all lines before it.
 */
final class HeadLines {
    /** The limit of Envoy, Tomcat and httpd. */
    static final int MOST = 100;

    private int lines;
    private boolean lineBegins = true;
    private boolean ended;

    /** Counts lines in the next bytes behind the request line; false if too many. Ignores bytes behind the head. */
    boolean allows(byte[] bytes) {
        for (int i = 0; i < bytes.length && !ended; i++) {
            if (bytes[i] == '\n') {
                ended = lineBegins;
                lineBegins = true;
                lines++;
            } else if (bytes[i] != '\r') {
                lineBegins = false;
            }
        }
        return lines <= (ended ? MOST + 1 : MOST);
    }
}
