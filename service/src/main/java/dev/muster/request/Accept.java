package dev.muster.request;

import dev.muster.connection.HttpViolation;
import dev.muster.problem.RequestRejected;
import io.helidon.http.HeaderNames;
import io.helidon.http.ServerRequestHeaders;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the media type of an answer by the Accept header (RFC 9110 section 12.5.1). The most specific range that
 * matches a type decides on it, and {@code q=0} excludes it. For one thread.
 *
 * <p>Helidon's {@code isAccepted} ignores both rules. Its parser also fails on empty list elements and parameters,
 * which a server has to ignore (sections 5.6.1 and 5.6.6).
 */
public final class Accept {
    /** A longer weight is not valid; no client needs one. */
    private static final int LONGEST_WEIGHT = 16;

    private final List<String> offered;
    /** For each offered type, how specific its best range is so far; 0 if no range matches. */
    private final int[] specificity;

    private final double[] quality;
    private boolean ranges;

    private Accept(List<String> offered) {
        this.offered = offered;
        this.specificity = new int[offered.size()];
        this.quality = new double[offered.size()];
    }

    /**
     * The offered media type that the client prefers; the first one of equals.
     *
     * @throws RequestRejected.NotAcceptable if the client accepts none
     * @throws RequestRejected.BadRequest if the header cannot be read
     */
    public static String choose(ServerRequestHeaders headers, List<String> offered) {
        if (!headers.contains(HeaderNames.ACCEPT)) {
            return offered.getFirst();
        }
        List<String> lines = headers.all(HeaderNames.ACCEPT, List::of);
        if (lines.size() == 1 && lines.getFirst().equals("*/*")) {
            return offered.getFirst();
        }
        Accept accept = new Accept(offered);
        lines.forEach(accept::line);
        String best = accept.ranges ? accept.best() : offered.getFirst();
        if (best == null) {
            throw new RequestRejected.NotAcceptable(offered);
        }
        return best;
    }

    private @Nullable String best() {
        String best = null;
        double bestQuality = 0;
        for (int i = 0; i < quality.length; i++) {
            if (quality[i] > bestQuality) {
                best = offered.get(i);
                bestQuality = quality[i];
            }
        }
        return best;
    }

    private void line(String line) {
        int start = 0;
        while (start <= line.length()) {
            int end = QuotedText.find(line, start, line.length(), ',');
            element(line.substring(start, end).strip());
            start = end + 1;
        }
    }

    private void element(String element) {
        if (element.isEmpty()) {
            return;
        }
        ranges = true;
        int end = QuotedText.find(element, 0, element.length(), ';');
        String range = element.substring(0, end).strip();
        int slash = range.indexOf('/');
        // A bare "*" is not valid, but older JDKs send "*; q=.2" by default (HttpURLConnection).
        if (!range.equals("*") && (slash < 1 || slash == range.length() - 1)) {
            throw new RequestRejected.BadRequest(HttpViolation.ACCEPT_RANGE);
        }
        double weight = weight(element, end);
        for (int i = 0; i < quality.length; i++) {
            int fits = specificity(range, offered.get(i));
            if (fits > specificity[i]) {
                specificity[i] = fits;
                quality[i] = weight;
            }
        }
    }

    /** The weight among the parameters behind {@code end}; 1 if there is none. */
    private static double weight(String element, int end) {
        double weight = 1;
        int start = end + 1;
        while (start <= element.length()) {
            int next = QuotedText.find(element, start, element.length(), ';');
            String parameter = element.substring(start, next).strip();
            start = next + 1;
            if (parameter.isEmpty()) {
                continue;
            }
            int equals = parameter.indexOf('=');
            if (equals < 1) {
                throw new RequestRejected.BadRequest(HttpViolation.ACCEPT_PARAMETER);
            }
            if (parameter.substring(0, equals).strip().equalsIgnoreCase("q")) {
                weight = number(parameter.substring(equals + 1).strip());
            }
        }
        return weight;
    }

    /** A number from 0 to 1, without sign and exponent; it may have more decimals than in RFC 9110 section 12.4.2. */
    private static double number(String text) {
        boolean digits = false;
        int points = 0;
        boolean others = text.length() > LONGEST_WEIGHT;
        for (int i = 0; i < text.length() && !others; i++) {
            char c = text.charAt(i);
            digits |= c >= '0' && c <= '9';
            points += c == '.' ? 1 : 0;
            others = (c < '0' || c > '9') && c != '.';
        }
        double weight = digits && points <= 1 && !others ? Double.parseDouble(text) : -1;
        if (weight < 0 || weight > 1) {
            throw new RequestRejected.BadRequest(HttpViolation.ACCEPT_WEIGHT);
        }
        return weight;
    }

    private static int specificity(String range, String type) {
        if (range.equals("*/*") || range.equals("*")) {
            return 1;
        }
        if (range.endsWith("/*")) {
            return type.regionMatches(true, 0, range, 0, range.length() - 1) ? 2 : 0;
        }
        return range.equalsIgnoreCase(type) ? 3 : 0;
    }
}
