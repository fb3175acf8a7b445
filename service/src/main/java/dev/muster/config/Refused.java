package dev.muster.config;

/** A text is not what its key takes. */
final class Refused extends Exception {

    private static final long serialVersionUID = 1L;

    /** Refused for the reason that {@link Kind#allowed()} gives. */
    Refused() {
        this("");
    }

    /**
     * Refused for a reason of its own.
     *
     * @param detail what {@link Kind#allowed()} alone would not tell
     */
    Refused(String detail) {
        super(detail, null, false, false);
    }

    /** What the text must be, in words. */
    String problem(Kind<?> kind) {
        String detail = getMessage();
        return "must be " + kind.allowed() + (detail == null || detail.isEmpty() ? "" : "; " + detail);
    }
}
