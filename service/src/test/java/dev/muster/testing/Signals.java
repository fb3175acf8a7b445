package dev.muster.testing;

import java.util.ArrayList;
import java.util.List;

/** What a process inherits of its parent's signals, and what tests have it inherit. */
public final class Signals {
    private Signals() {}

    /**
     * A command that begins with all signals as a user's shell has them: {@code nohup} ignores SIGHUP, a background job
     * of a shell SIGINT and SIGQUIT, and both hand that down. {@code env} becomes the command, so the process id stays.
     */
    public static List<String> asInATerminal(List<String> command) {
        List<String> all = new ArrayList<>(List.of("env", "--default-signal=HUP,INT,QUIT,TERM"));
        all.addAll(command);
        return all;
    }
}
