package dev.muster.profile;

import dev.muster.concurrent.Deadline;
import dev.muster.http.Endpoint;
import dev.muster.http.Exchange;
import dev.muster.http.RequestRejected;
import dev.muster.http.ResponseWriter;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

/** {@code GET /profiles/{id}}: from the request to its deadline, the service's answer and JSON. Thread-safe. */
public final class ProfileRoutes {
    private static final String PREFIX = "/profiles/";
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9_-]{1,64}");
    private static final Header JSON = HeaderValues.create(HeaderNames.CONTENT_TYPE, "application/json");
    private static final Header VARY = HeaderValues.create(HeaderNames.VARY, "Prefer, Accept");
    private static final Header COMPLETE = HeaderValues.create(HeaderNames.create("Profile-Complete"), "true");
    private static final Header REVALIDATE = HeaderValues.create(HeaderNames.CACHE_CONTROL, "private, no-cache");

    private final ProfileService service;
    private final Duration defaultDeadline;

    public ProfileRoutes(ProfileService service, Duration defaultDeadline) {
        this.service = service;
        this.defaultDeadline = defaultDeadline;
    }

    /** The endpoint to serve. */
    public Endpoint endpoint() {
        return new Endpoint(PREFIX + "{id}", List.of("application/json"), List.of(VARY), this::read);
    }

    private void read(ServerRequest request, ServerResponse response, String mediaType) throws Exception {
        Deadline deadline = Deadline.after(defaultDeadline);
        Exchange exchange = Exchange.current();
        String id = validId(exchange.path());
        Profile profile = service.fetch(id, deadline, exchange.callContext(), exchange::branches);
        response.header(COMPLETE);
        response.header(REVALIDATE);
        ResponseWriter.send(request, response, 200, JSON, ProfileJson.PROFILE.writeValueAsBytes(profile));
    }

    /**
     * The id as it stands in the raw path. The path parameter that Helidon offers is decoded and stripped of
     * {@code ;parameters}, so that another id than the one on the wire would be checked.
     */
    private static String validId(String rawPath) {
        String segment = rawPath.startsWith(PREFIX) ? rawPath.substring(PREFIX.length()) : "";
        if (!ID.matcher(segment).matches()) {
            throw new RequestRejected.BadId();
        }
        return segment;
    }
}
