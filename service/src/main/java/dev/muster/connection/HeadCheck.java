package dev.muster.connection;

import io.helidon.common.uri.UriValidator;
import io.helidon.http.DirectHandler.EventType;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.Headers;
import io.helidon.http.HttpPrologue;
import io.helidon.http.RequestException;
import io.helidon.http.Status;
import io.helidon.webserver.http.DirectTransportRequest;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * Checks the parts of a head, which Helidon's parser has split. Helidon's own checks of headers are off: they reject a
 * valid Host, and have no messages of their own.
 */
final class HeadCheck {
    /** Longer than any IPv6 address. No other literals exist yet. */
    private static final int LONGEST_LITERAL = 64;

    private static final String LETTERS_AND_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    /** RFC 9110 section 5.6.2. */
    private static final BitSet TOKEN = characters(LETTERS_AND_DIGITS + "!#$%&'*+-.^_`|~");
    /** Unreserved characters and sub-delimiters (RFC 3986 sections 2.2 and 2.3). */
    private static final BitSet HOST_NAME = characters(LETTERS_AND_DIGITS + "-._~!$&'()*+,;=");

    private HeadCheck() {}

    private static BitSet characters(String all) {
        BitSet set = new BitSet(128);
        all.chars().forEach(set::set);
        return set;
    }

    /** The fault of a request line; null if there is none. */
    static @Nullable HttpViolation check(HttpPrologue line) {
        if (line.fragment().hasValue()) {
            return HttpViolation.TARGET_FRAGMENT;
        }
        return line.uriPath().path() == null ? HttpViolation.TARGET_WITHOUT_PATH : null;
    }

    /** The first fault of the headers; null if there is none. */
    static @Nullable HttpViolation check(Headers headers) {
        for (Header header : headers) {
            HttpViolation violation = check(header);
            if (violation != null) {
                return violation;
            }
        }
        return host(headers);
    }

    private static @Nullable HttpViolation check(Header header) {
        String name = header.name();
        if (!consistsOf(TOKEN, name, 0, name.length())) {
            return name(name);
        }
        if (name.isEmpty()) {
            return HttpViolation.HEADER_WITHOUT_NAME;
        }
        if (header.valueCount() == 1) {
            return hasControls(header.get()) ? HttpViolation.HEADER_VALUE : null;
        }
        return header.allValues().stream().anyMatch(HeadCheck::hasControls) ? HttpViolation.HEADER_VALUE : null;
    }

    private static HttpViolation name(String name) {
        if (isSpace(name.charAt(0))) {
            return HttpViolation.HEADER_FOLDED;
        }
        return isSpace(name.charAt(name.length() - 1)) ? HttpViolation.HEADER_SPACE : HttpViolation.HEADER_NAME;
    }

    private static boolean isSpace(char c) {
        return c == ' ' || c == '\t';
    }

    private static boolean hasControls(String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if ((c < ' ' && c != '\t') || c == 0x7f) {
                return true;
            }
        }
        return false;
    }

    private static @Nullable HttpViolation host(Headers headers) {
        if (!headers.contains(HeaderNames.HOST)) {
            return HttpViolation.HOST_MISSING;
        }
        Header header = headers.get(HeaderNames.HOST);
        if (header.valueCount() != 1) {
            return HttpViolation.HOST_REPEATED;
        }
        String host = header.get();
        if (host.isEmpty()) {
            return HttpViolation.HOST_EMPTY;
        }
        boolean literal = host.startsWith("[");
        int colon = host.indexOf(':', literal ? host.indexOf(']') + 1 : 0);
        int end = colon < 0 ? host.length() : colon;
        return (literal ? isLiteral(host.substring(0, end)) : isName(host, end)) && isPort(host, end)
                ? null
                : HttpViolation.HOST;
    }

    /** An address of IP version 6 or of a future version, in brackets (RFC 3986 section 3.2.2). */
    private static boolean isLiteral(String host) {
        // The parsers below may take quadratic time.
        if (host.length() > LONGEST_LITERAL || !host.endsWith("]")) {
            return false;
        }
        String address = host.substring(1, host.length() - 1);
        try {
            if (address.startsWith("v") || address.startsWith("V")) {
                UriValidator.validateIpLiteral(host);
                return true;
            }
            // Java also accepts the name of an interface, and a second pair of brackets.
            if (address.indexOf('%') >= 0 || address.indexOf('[') >= 0) {
                return false;
            }
            InetAddress _ = Inet6Address.ofLiteral(address);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** By its characters, an IPv4 address is a name, too. */
    private static boolean isName(String host, int end) {
        int from = 0;
        for (int percent = host.indexOf('%', 0, end); percent >= 0; percent = host.indexOf('%', from, end)) {
            if (!consistsOf(HOST_NAME, host, from, percent)
                    || percent + 3 > end
                    || Character.digit(host.charAt(percent + 1), 16) < 0
                    || Character.digit(host.charAt(percent + 2), 16) < 0) {
                return false;
            }
            from = percent + 3;
        }
        return end > 0 && consistsOf(HOST_NAME, host, from, end);
    }

    /** Nothing, or a colon and zero or more digits (RFC 3986 section 3.2.3). */
    private static boolean isPort(String host, int colon) {
        for (int i = colon + 1; i < host.length(); i++) {
            if (host.charAt(i) < '0' || host.charAt(i) > '9') {
                return false;
            }
        }
        return true;
    }

    private static boolean consistsOf(BitSet characters, String text, int start, int end) {
        for (int i = start; i < end; i++) {
            if (!characters.get(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    /** Ends a connection: Helidon answers with a problem that names the request as far as it is known. */
    static RequestException rejection(Status status, String message, @Nullable HttpPrologue prologue, Headers headers) {
        RequestException.Builder rejection = RequestException.builder()
                .type(status.code() < 500 ? EventType.BAD_REQUEST : EventType.OTHER)
                .status(status)
                .message(message)
                .setKeepAlive(false);
        if (prologue != null) {
            rejection.request(DirectTransportRequest.create(prologue, headers));
        }
        return rejection.build();
    }
}
