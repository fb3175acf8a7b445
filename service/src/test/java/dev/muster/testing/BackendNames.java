package dev.muster.testing;

import dev.muster.config.BackendName;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The backends' names for tests: a new backend is included without a change here. */
public final class BackendNames {
    /** All names, in the order of every list. */
    public static final List<String> LABELS =
            BackendName.ALL.stream().map(BackendName::label).toList();

    /** The backends that a lenient request can do without, unless the configuration requires them. */
    public static final List<String> NOT_REQUIRED = without("user");

    /** A request calls each backend once. */
    public static final int CALLS_OF_A_REQUEST = LABELS.size();

    private BackendNames() {}

    public static BackendName of(String label) {
        return BackendName.valueOf(label.toUpperCase(Locale.ROOT));
    }

    /** All names but these. */
    public static List<String> without(String... some) {
        List<String> rest = new ArrayList<>(LABELS);
        rest.removeAll(List.of(some));
        return rest;
    }

    /** All names, followed by {@code last}. */
    public static List<String> and(String last) {
        return append(LABELS, last);
    }

    /** The members of a profile without the parts of these backends. */
    public static List<String> membersWithout(String... missing) {
        return missing.length == 0 ? LABELS : append(without(missing), "errors");
    }

    private static List<String> append(List<String> names, String last) {
        List<String> all = new ArrayList<>(names);
        all.add(last);
        return all;
    }
}
