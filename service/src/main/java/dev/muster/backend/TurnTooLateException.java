package dev.muster.backend;

/** A call could not be over before its deadline, as too many wait for their turn before it. */
public final class TurnTooLateException extends Exception {
    private static final long serialVersionUID = 1L;

    TurnTooLateException() {
        super("the turn would come too late", null, false, false);
    }
}
