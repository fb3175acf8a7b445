package dev.muster.http;

import io.helidon.http.HeaderNames;
import io.helidon.http.HttpMediaType;
import io.helidon.http.ServerRequestHeaders;
import java.util.List;

/**
 * Proactive negotiation by Accept (RFC 9110 section 12.5.1): the most specific range that matches a type decides on it,
 * and {@code q=0} refuses. Helidon's own {@code isAccepted} looks at neither.
 */
final class Accept {
    private Accept() {}

    /**
     * Chooses the media type that the client likes best; among equals the first that is offered.
     *
     * @throws RequestRejected.NotAcceptable if it wants none of them
     * @throws RequestRejected.BadHeader if the header cannot be parsed
     */
    static String choose(ServerRequestHeaders headers, List<String> offered) {
        if (!headers.contains(HeaderNames.ACCEPT)) {
            return offered.getFirst();
        }
        List<HttpMediaType> ranges = ranges(headers);
        if (ranges.isEmpty()) {
            return offered.getFirst();
        }
        String best = null;
        double bestQuality = 0;
        for (String type : offered) {
            double quality = quality(type, ranges);
            if (quality > bestQuality) {
                best = type;
                bestQuality = quality;
            }
        }
        if (best == null) {
            throw new RequestRejected.NotAcceptable(offered);
        }
        return best;
    }

    /** Helidon's own acceptedTypes() stumbles over blank list elements, which RFC 9110 section 5.6.1 has us ignore. */
    private static List<HttpMediaType> ranges(ServerRequestHeaders headers) {
        try {
            List<HttpMediaType> ranges = headers.values(HeaderNames.ACCEPT).stream()
                    .filter(element -> !element.isBlank())
                    .map(Accept::range)
                    .toList();
            if (!ranges.stream().allMatch(range -> range.qualityFactor() >= 0 && range.qualityFactor() <= 1)) {
                throw new RequestRejected.BadHeader("Accept");
            }
            return ranges;
        } catch (IllegalArgumentException e) {
            throw new RequestRejected.BadHeader("Accept");
        }
    }

    private static HttpMediaType range(String element) {
        String text = element.strip();
        // What HttpURLConnection sends by default in older JDKs: "*; q=.2".
        return HttpMediaType.create(text.startsWith("*;") ? "*/" + text : text);
    }

    private static double quality(String type, List<HttpMediaType> ranges) {
        int slash = type.indexOf('/');
        String major = type.substring(0, slash);
        String minor = type.substring(slash + 1);
        double quality = 0;
        int specificity = 0;
        for (HttpMediaType range : ranges) {
            int fits = specificity(range.mediaType().type(), range.mediaType().subtype(), major, minor);
            if (fits > specificity) {
                specificity = fits;
                quality = range.qualityFactor();
            }
        }
        return quality;
    }

    private static int specificity(String rangeMajor, String rangeMinor, String major, String minor) {
        if (rangeMajor.equals("*")) {
            return rangeMinor.equals("*") ? 1 : 0;
        }
        if (!rangeMajor.equalsIgnoreCase(major)) {
            return 0;
        }
        return rangeMinor.equals("*") ? 2 : rangeMinor.equalsIgnoreCase(minor) ? 3 : 0;
    }
}
