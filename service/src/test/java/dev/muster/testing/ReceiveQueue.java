package dev.muster.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Looks into the kernel for bytes that have arrived at a socket and that nobody has read. */
public final class ReceiveQueue {
    private static final List<Path> TABLES = List.of(Path.of("/proc/net/tcp"), Path.of("/proc/net/tcp6"));

    private ReceiveQueue() {}

    /** Waits until bytes lie at the socket that is bound to {@code localPort} and connected to {@code remotePort}. */
    public static void awaitBytes(int localPort, int remotePort) {
        assertThat(TABLES.getFirst())
                .as("the kernel's table of sockets, which only Linux has: run these tests there")
                .isReadable();
        Await.until("bytes have arrived", () -> TABLES.stream().anyMatch(table -> holds(table, localPort, remotePort)));
    }

    /** A line reads: number, local address:port, remote address:port, state, tx_queue:rx_queue, all hexadecimal. */
    private static boolean holds(Path table, int localPort, int remotePort) {
        try {
            return Files.exists(table)
                    && Files.readAllLines(table).stream()
                            .map(line -> line.strip().split("\\s+", -1))
                            .filter(columns -> columns[1].endsWith(":%04X".formatted(localPort)))
                            .filter(columns -> columns[2].endsWith(":%04X".formatted(remotePort)))
                            .anyMatch(columns -> Long.parseLong(columns[4].substring(9), 16) > 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
