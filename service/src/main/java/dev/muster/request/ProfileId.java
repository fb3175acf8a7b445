package dev.muster.request;

import java.util.regex.Pattern;

/** What an id of a profile may be: what needs no escaping wherever ids are written. */
public final class ProfileId {
    /** The rule in words, for who broke it. */
    public static final String RULE = "1 to 64 characters out of A-Z, a-z, 0-9, \"_\" and \"-\"";

    private static final Pattern VALID = Pattern.compile("[A-Za-z0-9_-]{1,64}");

    private ProfileId() {}

    public static boolean isValid(String id) {
        return VALID.matcher(id).matches();
    }
}
