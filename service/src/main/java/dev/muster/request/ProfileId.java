package dev.muster.request;

import java.util.regex.Pattern;

/** What an id of a profile may be: nothing that needs escaping anywhere. */
public final class ProfileId {
    /** The rule in words, for clients. */
    public static final String RULE = "1 to 64 characters out of A-Z, a-z, 0-9, \"_\" and \"-\"";

    private static final Pattern VALID = Pattern.compile("[A-Za-z0-9_-]{1,64}");

    private ProfileId() {}

    public static boolean isValid(String id) {
        return VALID.matcher(id).matches();
    }
}
