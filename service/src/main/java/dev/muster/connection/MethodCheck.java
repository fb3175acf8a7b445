package dev.muster.connection;

/**
 * Finds a method with lower-case letters, which is another method (RFC 9110 section 9.1).
 *
 * <p>Helidon makes it upper case and serves it. But a proxy that does not know {@code HEaD} waits for a body. An answer
 * to HEAD has none, so the proxy takes the next answer for the body. Used by one thread.
 */
final class MethodCheck {
    /** No served method is longer. */
    static final int LONGEST = 8;

    private int looked;
    private boolean otherCase;

    /** Checks the next bytes of a head, which begins with the method. */
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
