package dev.muster.testing;

import java.util.ArrayList;
import java.util.List;

/** The signals that tests let a process inherit. */
public final class Signals {
    private Signals() {}

    /**
     * A command that begins with all signals as in a user's shell. {@code nohup} ignores SIGHUP, and a shell's
     * background job ignores SIGINT and SIGQUIT. Child processes inherit both. {@code env} becomes the command, so the
     * process id stays.
     */
    public static List<String> asInATerminal(List<String> command) {
        List<String> all = new ArrayList<>(List.of("env", "--default-signal=HUP,INT,QUIT,TERM"));
        all.addAll(command);
        return all;
    }
}
