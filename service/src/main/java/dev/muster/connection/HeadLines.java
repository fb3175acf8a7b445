package dev.muster.connection;

/**
 * Counts the header lines of one head as they arrive. Used by one thread.
 *
 * <p>Helidon keeps headers in a map whose keys cannot be ordered, and so compares each with all others of the same hash,
 * which whoever sends them can arrange; lines of the same name are copied, each with all before it.
 */
final class HeadLines {
    /** As many as Envoy, Tomcat and httpd take. */
    static final int MOST = 100;

    private int lines;
    private boolean lineBegins = true;
    private boolean ended;

    /** Takes the next bytes behind the request line; false where they are too many lines. What follows is not looked at. */
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
