package dev.muster.config;

import dev.muster.config.source.Violation;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The rules beyond a single setting: none is missing, and they fit together. */
final class WholeChecks {

    private static final Set<String> WILDCARDS = Set.of("0.0.0.0", "::", "[::]");

    /** Jars, logs, pipes, connections of the admin port, connections in rejection. */
    private static final long FILES_BESIDE_CONNECTIONS = 512;

    private final long openFiles = AutoValues.openFiles();
    private final Values values;
    private final List<Violation> found;

    private WholeChecks(Values values, List<Violation> found) {
        this.values = values;
        this.found = found;
    }

    /** Checks the readable values. Adds violations to {@code found}. */
    static void check(Values values, List<Violation> found) {
        WholeChecks checks = new WholeChecks(values, found);
        checks.noneMissing();
        checks.portsDiffer();
        checks.deadlinesFit(Keys.DEADLINE_DEFAULT, Keys.DEADLINE_MAX);
        checks.deadlinesFit(Keys.BULK_DEADLINE_DEFAULT, Keys.BULK_DEADLINE_MAX);
        checks.wholeBatchFits();
        checks.lingerFits();
        checks.userIsRequired();
        checks.filesSuffice();
        checks.trustStoresOpen();
    }

    private void noneMissing() {
        Set<String> reported = found.stream().map(Violation::key).collect(Collectors.toSet());
        for (Key<?> key : Keys.KNOWN.values()) {
            if (!key.isForAllBackends() && !values.isSet(key) && !reported.contains(key.name())) {
                Key<?> forAll = key.forAll();
                String orForAll = forAll == null ? "" : ", or " + forAll.name() + " for all backends,";
                String problem = "must be " + key.type().allowed() + "; set it" + orForAll + " in FILE or as "
                        + key.environmentName();
                found.add(new Violation(key.name(), null, problem, "not set"));
            }
        }
    }

    private void portsDiffer() {
        if (!values.hasAll(Keys.SERVER_HOST, Keys.SERVER_PORT, Keys.ADMIN_HOST, Keys.ADMIN_PORT)) {
            return;
        }
        int port = values.get(Keys.SERVER_PORT);
        if (port != 0 && port == values.get(Keys.ADMIN_PORT) && hostsOverlap()) {
            values.violation(Keys.ADMIN_PORT, "must differ from server.port on the same host, unless it is 0");
        }
    }

    private boolean hostsOverlap() {
        String server = values.get(Keys.SERVER_HOST);
        String admin = values.get(Keys.ADMIN_HOST);
        return server.equalsIgnoreCase(admin) || WILDCARDS.contains(server) || WILDCARDS.contains(admin);
    }

    private void deadlinesFit(Key<Duration> defaultKey, Key<Duration> maxKey) {
        if (!values.hasAll(defaultKey)) {
            return;
        }
        Duration byDefault = values.get(defaultKey);
        if (values.hasAll(maxKey) && values.get(maxKey).compareTo(byDefault) < 0) {
            values.violation(defaultKey, "must be at most " + maxKey.name() + ", which is " + values.get(maxKey));
        }
        if (values.hasAll(Keys.DEADLINE_RESERVE)
                && values.get(Keys.DEADLINE_RESERVE).compareTo(byDefault) >= 0) {
            values.violation(
                    Keys.DEADLINE_RESERVE, "must be less than " + defaultKey.name() + ", which is " + byDefault);
        }
    }

    private void wholeBatchFits() {
        if (!values.hasAll(Keys.BULK_MAX_IDS, Keys.BULK_MAX_QUEUED)) {
            return;
        }
        int ids = values.get(Keys.BULK_MAX_IDS);
        if (values.get(Keys.BULK_MAX_QUEUED) < ids) {
            values.violation(Keys.BULK_MAX_QUEUED, "must be at least bulk.max-ids, which is " + ids);
        }
    }

    private void lingerFits() {
        if (!values.hasAll(Keys.LINGER, Keys.DRAIN)) {
            return;
        }
        Duration drain = values.get(Keys.DRAIN);
        if (values.get(Keys.LINGER).compareTo(drain) > 0) {
            values.violation(
                    Keys.LINGER, "must be at most shutdown.drain, which it is a part of and which is " + drain);
        }
    }

    private void userIsRequired() {
        Key<Boolean> key = Keys.REQUIRED.of(BackendName.USER);
        if (values.hasAll(key) && !values.get(key)) {
            values.violation(key, "must be true: there is no profile without a user");
        }
    }

    /** Without a free file, a port can accept no connection. */
    private void filesSuffice() {
        if (!values.hasAll(Keys.CLIENT_CONNECTIONS)) {
            return;
        }
        long needed = FILES_BESIDE_CONNECTIONS + values.get(Keys.CLIENT_CONNECTIONS);
        for (BackendName backend : BackendName.ALL) {
            Key<Integer> key = Keys.MAX_CONNECTIONS.of(backend);
            needed += values.hasAll(key) ? values.get(key) : 0;
        }
        if (needed > openFiles) {
            values.violation(
                    Keys.CLIENT_CONNECTIONS,
                    "must be lower, or backends.*.max-connections, or ulimit -n higher: together they take " + needed
                            + " open files, and the process may have " + openFiles);
        }
    }

    private void trustStoresOpen() {
        for (BackendName backend : BackendName.ALL) {
            Key<Optional<Path>> file = Keys.TRUST_STORE.of(backend);
            Key<Secret> password = Keys.TRUST_STORE_PASSWORD.of(backend);
            if (values.hasAll(file, password)) {
                values.get(file).ifPresent(path -> trustStoreOpens(path, values.get(password), file));
            }
        }
    }

    private void trustStoreOpens(Path path, Secret password, Key<?> key) {
        try {
            TrustStore.load(path, password);
        } catch (IOException | GeneralSecurityException e) {
            values.violation(key, "must be " + key.type().allowed() + "; this one does not open: " + e.getMessage());
        }
    }
}
