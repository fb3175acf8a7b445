package dev.muster.connection;

/**
 * Looks for a method in lower case, which is another method (RFC 9110 section 9.1).
 *
 * <p>Helidon makes it upper case and serves it. But a proxy that does not know {@code HEaD} waits for the body that an
 * answer to HEAD has not, and takes the next answer for that. Used by one thread.
 */
final class MethodCheck {
    /** No method that is served is longer. */
    static final int LONGEST = 8;

    private int looked;
    private boolean otherCase;

    /** Takes the next bytes of a head, of which the first are the method. */
    void look(byte[] bytes) {
        for (int i = 0; i < bytes.length && looked < LONGEST; i++) {
            looked = bytes[i] == ' ' ? LONGEST : looked + 1;
            otherCase |= bytes[i] >= 'a' && bytes[i] <= 'z';
        }
    }

    boolean isInOtherCase() {
        return otherCase;
    }
}
