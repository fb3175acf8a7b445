package dev.muster.profile;

import dev.muster.testing.BackendNames;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * One request, with the backends' answers and their order, and the result that the contract demands. This is the model
 * for {@link ProfilePropertyTest}.
 *
 * @param required the backends without which a lenient request fails
 * @param fates the result of the call to each backend
 * @param groups the backends that answer: those of a group at once, the groups one after the other
 * @param early whether the first group's answers are ready before the request arrives
 */
record ProfileCase(
        int number,
        Preference preference,
        Set<String> required,
        Map<String, Fate> fates,
        List<List<String>> groups,
        boolean early) {
    /** The preference that a request states. */
    enum Preference {
        NONE,
        STRICT,
        LENIENT
    }

    /** What a backend does with a call. */
    enum Fate {
        OK(null, null, 0),
        STATUS_500("unavailable", "backend-failed", 502),
        STATUS_503("rejected", "overloaded", 503),
        STATUS_404("not-found", "bad-response", 502),
        BAD_JSON("bad-response", "bad-response", 502),
        WRONG_USER("bad-response", "bad-response", 502),
        RESET("unavailable", "backend-failed", 502),
        HANG("cancelled: deadline", "deadline-exceeded", 504),
        HANG_IN_BODY("cancelled: deadline", "deadline-exceeded", 504);

        /** The word for this fate in Server-Timing; {@link #problem} is the problem if the user exists. */
        final String word;

        final String problem;
        final int status;

        Fate(String word, String problem, int status) {
            this.word = word;
            this.problem = problem;
            this.status = status;
        }

        boolean hangs() {
            return this == HANG || this == HANG_IN_BODY;
        }
    }

    /** A failure in an answer. */
    record Failure(String backend, String problem, int status) {}

    static ProfileCase draw(int number, Set<String> required, Random random) {
        Map<String, Fate> fates = new TreeMap<>();
        List<String> answering = new ArrayList<>();
        for (String backend : BackendNames.LABELS) {
            Fate fate = draw(backend, random);
            fates.put(backend, fate);
            if (!fate.hangs()) {
                answering.add(backend);
            }
        }
        Collections.shuffle(answering, random);
        List<List<String>> groups = new ArrayList<>();
        for (String backend : answering) {
            if (groups.isEmpty() || random.nextBoolean()) {
                groups.add(new ArrayList<>());
            }
            groups.getLast().add(backend);
        }
        Preference preference = Preference.values()[random.nextInt(Preference.values().length)];
        return new ProfileCase(number, preference, required, fates, groups, random.nextInt(4) == 0);
    }

    /** Half of the answers are good: if all but one fail, the last makes little difference. */
    private static Fate draw(String backend, Random random) {
        if (random.nextBoolean()) {
            return Fate.OK;
        }
        List<Fate> fates = new ArrayList<>(List.of(Fate.values()));
        fates.remove(Fate.OK);
        if (!backend.equals("user")) {
            fates.remove(Fate.WRONG_USER);
            // Drawn more often, because it is decisive only once the user has answered.
            fates.add(Fate.STATUS_404);
        }
        return fates.get(random.nextInt(fates.size()));
    }

    boolean lenient() {
        return preference == Preference.LENIENT;
    }

    boolean anyHangs() {
        return fates.values().stream().anyMatch(Fate::hangs);
    }

    boolean needs(String backend) {
        return !lenient() || backend.equals("user") || required.contains(backend);
    }

    /** The failures that may decide the answer once these backends have {@code answered}; empty if none may. */
    Set<Failure> decisive(Collection<String> answered) {
        boolean userExists = answered.contains("user") && fates.get("user") == Fate.OK;
        Set<Failure> decisive = new HashSet<>();
        for (String backend : answered) {
            Fate fate = fates.get(backend);
            boolean waitsForUser = fate == Fate.STATUS_404 && !backend.equals("user");
            if (needs(backend) && fate != Fate.OK && (!waitsForUser || userExists)) {
                decisive.add(failure(backend));
            }
        }
        return decisive;
    }

    /** Whether there is a profile once all backends have answered that do not hang, if no failure is decisive. */
    boolean enough() {
        return BackendNames.LABELS.stream().filter(this::needs).allMatch(backend -> fates.get(backend) == Fate.OK);
    }

    /** The failures that this profile lists. */
    Set<Failure> missing() {
        Set<Failure> missing = new HashSet<>();
        fates.forEach((backend, fate) -> {
            if (fate != Fate.OK) {
                missing.add(failure(backend));
            }
        });
        return missing;
    }

    private Failure failure(String backend) {
        Fate fate = fates.get(backend);
        return backend.equals("user") && fate == Fate.STATUS_404
                ? new Failure(backend, "user-not-found", 404)
                : new Failure(backend, fate.problem, fate.status);
    }

    /**
     * The words that Server-Timing may have for a backend; null stands for no word, as for a success.
     *
     * @param answered the backends that had answered when a failure decided, or null if no failure decided
     * @param decisive the backend of that failure
     */
    Set<String> words(String backend, Collection<String> answered, String decisive) {
        String own = fates.get(backend).word;
        Set<String> words = new HashSet<>();
        if (answered == null || answered.contains(backend)) {
            words.add(own);
        }
        if (answered != null && !backend.equals(decisive)) {
            words.add("cancelled: sibling-failed");
        }
        return words;
    }

    /** How often each fate is among {@code cases}: shows whether the draw covers all. */
    static Map<Fate, Integer> count(List<ProfileCase> cases) {
        Map<Fate, Integer> counts = new EnumMap<>(Fate.class);
        cases.forEach(one -> new ArrayList<>(one.fates.values()).forEach(fate -> counts.merge(fate, 1, Integer::sum)));
        return counts;
    }

    @Override
    public String toString() {
        return "case " + number + ": " + preference + ", required " + new TreeSet<>(required) + ", " + fates
                + ", answering " + groups + (early ? ", the first before the request" : "");
    }
}
