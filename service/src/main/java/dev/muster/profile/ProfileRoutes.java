package dev.muster.profile;

import dev.muster.config.AppConfig.DeadlineConfig;
import dev.muster.config.Handling;
import dev.muster.http.Endpoint;
import dev.muster.http.Exchange;
import dev.muster.http.ResponseWriter;
import dev.muster.problem.RequestRejected;
import dev.muster.request.ForwardedHeaders;
import dev.muster.request.ProfileId;
import dev.muster.request.RequestTerms;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.List;

/** {@code GET /profiles/{id}}: the terms of the request, the service's answer, its JSON. Thread-safe. */
public final class ProfileRoutes {
    private static final String PREFIX = "/profiles/";
    private static final Header JSON = HeaderValues.create(HeaderNames.CONTENT_TYPE, "application/json");
    private static final Header VARY = HeaderValues.create(HeaderNames.VARY, "Prefer, Accept");
    private static final Header COMPLETE = HeaderValues.create("Profile-Complete", "true");
    private static final Header PARTIAL = HeaderValues.create("Profile-Complete", "false");
    private static final Header REVALIDATE = HeaderValues.create(HeaderNames.CACHE_CONTROL, "private, no-cache");

    private final ProfileService service;
    private final DeadlineConfig deadlines;
    private final Handling handling;
    private final ForwardedHeaders forwarded;

    /**
     * Routes to a service.
     *
     * @param handling of a request without a preference
     * @param forwarded the request's headers for the backends
     */
    public ProfileRoutes(
            ProfileService service, DeadlineConfig deadlines, Handling handling, ForwardedHeaders forwarded) {
        this.service = service;
        this.deadlines = deadlines;
        this.handling = handling;
        this.forwarded = forwarded;
    }

    public Endpoint endpoint() {
        return Endpoint.get(PREFIX + "{id}", List.of("application/json"), List.of(VARY), this::read);
    }

    private void read(ServerRequest request, ServerResponse response, String mediaType) throws Exception {
        Exchange exchange = Exchange.current();
        String id = validId(exchange.path());
        RequestTerms terms = RequestTerms.of(exchange.head(), deadlines, handling);
        exchange.beginsProfile(terms);
        terms.announce(response);
        ProfileQuery query = new ProfileQuery(
                id,
                terms.deadline(),
                terms.handling(),
                exchange.cancellation(),
                exchange.head().callContext(forwarded));
        Profile profile = service.fetch(query, exchange::calls);
        if (profile.complete()) {
            response.header(COMPLETE);
            response.header(REVALIDATE);
        } else {
            exchange.outcome().partial();
            response.header(PARTIAL);
            response.header(ResponseWriter.NO_STORE);
        }
        ResponseWriter.send(request, response, 200, JSON, ProfileJson.PROFILE.writeValueAsBytes(profile));
    }

    /**
     * The id in the raw path. Helidon's own path parameter is decoded and has lost its {@code ;parameters}, so it would
     * be another id than on the wire.
     */
    private static String validId(String rawPath) {
        String segment = rawPath.startsWith(PREFIX) ? rawPath.substring(PREFIX.length()) : "";
        if (!ProfileId.isValid(segment)) {
            throw new RequestRejected.BadId(ProfileId.RULE);
        }
        return segment;
    }
}
