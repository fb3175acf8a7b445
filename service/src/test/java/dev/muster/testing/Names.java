package dev.muster.testing;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.net.spi.InetAddressResolver;
import java.net.spi.InetAddressResolverProvider;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** A name service for tests: the JVM's own, except for names with a script. The JDK finds it in META-INF. */
public final class Names extends InetAddressResolverProvider {
    private static final Map<String, Lookup> SCRIPTED = new ConcurrentHashMap<>();

    /** Answers each look-up of a name, on the thread of the look-up. */
    @FunctionalInterface
    public interface Lookup {
        Stream<InetAddress> addresses() throws UnknownHostException;
    }

    /** Uses {@code lookup} for look-ups of {@code name}, until the next script for this name. */
    public static void script(String name, Lookup lookup) {
        SCRIPTED.put(name, lookup);
    }

    @Override
    public InetAddressResolver get(Configuration configuration) {
        // A test's look-up may be the JVM's first. This class sets the JVM's cache as the service needs it.
        try {
            Class.forName("dev.muster.backend.AddressResolver");
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e);
        }
        InetAddressResolver builtin = configuration.builtinResolver();
        return new InetAddressResolver() {
            @Override
            public Stream<InetAddress> lookupByName(String host, LookupPolicy policy) throws UnknownHostException {
                Lookup lookup = SCRIPTED.get(host);
                return lookup != null ? lookup.addresses() : builtin.lookupByName(host, policy);
            }

            @Override
            public String lookupByAddress(byte[] address) throws UnknownHostException {
                return builtin.lookupByAddress(address);
            }
        };
    }

    @Override
    public String name() {
        return "scripted names";
    }
}
