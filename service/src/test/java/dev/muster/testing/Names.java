package dev.muster.testing;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.net.spi.InetAddressResolver;
import java.net.spi.InetAddressResolverProvider;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * A name service to order: the JVM's own, except for names that a test has scripted. The JDK finds it in META-INF.
 */
public final class Names extends InetAddressResolverProvider {
    private static final Map<String, Lookup> SCRIPTED = new ConcurrentHashMap<>();

    /** Answers every look-up of a name, on the thread that looks it up. */
    @FunctionalInterface
    public interface Lookup {
        Stream<InetAddress> addresses() throws UnknownHostException;
    }

    /** Has look-ups of {@code name} answered by {@code lookup}, until it is scripted anew. */
    public static void script(String name, Lookup lookup) {
        SCRIPTED.put(name, lookup);
    }

    @Override
    public InetAddressResolver get(Configuration configuration) {
        // Whoever looks a name up first in these tests, the JVM's cache is to be as the service sets it.
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
