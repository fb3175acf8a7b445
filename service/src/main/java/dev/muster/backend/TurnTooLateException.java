package dev.muster.backend;

/** A call cannot end before its deadline, as too many others wait before it. */
public final class TurnTooLateException extends Exception {
    private static final long serialVersionUID = 1L;

    TurnTooLateException() {
        super("the turn would come too late", null, false, false);
    }
}
