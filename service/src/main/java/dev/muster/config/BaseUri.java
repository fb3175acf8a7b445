package dev.muster.config;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;

/** The URI that a backend's paths are appended to. */
record BaseUri() implements Kind<URI> {

    @Override
    public URI read(String text) throws Refused {
        URI uri = parse(text);
        boolean http = "http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme());
        if (!http || uri.getHost() == null || uri.getPort() == 0 || uri.getPort() > 65_535) {
            throw new Refused();
        }
        // any @, not just user info: shown() hides all that stands before one
        if (text.contains("@") || uri.getRawQuery() != null || uri.getRawFragment() != null) {
            throw new Refused();
        }
        return text.endsWith("/") ? URI.create(text.replaceAll("/+$", "")) : uri;
    }

    private static URI parse(String text) throws Refused {
        // URI takes letters beyond ASCII, which a request line cannot hold
        if (!StandardCharsets.US_ASCII.newEncoder().canEncode(text)) {
            throw new Refused("it must be percent-encoded");
        }
        try {
            return new URI(text);
        } catch (URISyntaxException e) {
            throw new Refused();
        }
    }

    @Override
    public String allowed() {
        return "an absolute http or https URI with a host, without user info, query and fragment";
    }

    /** Hides the user info, which may hold a password. */
    @Override
    public String shown(String text) {
        return text.replaceAll("(?s)^([a-zA-Z]+://)?.*@", "$1" + Secret.MASK + "@");
    }
}
