package dev.muster.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The kernel's table of this machine's TCP sockets.
 *
 * <p>Unlike a peer, it shows whether a socket has been closed <em>by now</em>. A peer notices later, and the scheduler
 * decides how much later. In the table a socket leaves the state ESTABLISHED in the call that closes it. The table also
 * shows bytes that have arrived but have not been read.
 */
public final class SocketTable {
    private static final List<Path> TABLES = List.of(Path.of("/proc/net/tcp"), Path.of("/proc/net/tcp6"));
    private static final String SYN_SENT = "02";
    private static final String LISTEN = "0A";
    /** ESTABLISHED, SYN_SENT, and CLOSE_WAIT: closed by the other side only. */
    private static final Set<String> OPEN = Set.of("01", SYN_SENT, "08");

    private SocketTable() {}

    /** The local ports of open sockets that are connected, or connecting, to {@code remotePort}. */
    public static List<Integer> openTo(int remotePort) {
        return rows().filter(row -> row.remotePort == remotePort && OPEN.contains(row.state))
                .map(Row::localPort)
                .toList();
    }

    /** The remote ports of open sockets that were accepted at {@code localPort}. */
    public static List<Integer> openAt(int localPort) {
        return rows().filter(row -> row.localPort == localPort && OPEN.contains(row.state))
                .map(Row::remotePort)
                .toList();
    }

    /** The local ports of sockets whose connection to {@code remotePort} is neither accepted nor refused yet. */
    public static List<Integer> connectingTo(int remotePort) {
        return rows().filter(row -> row.remotePort == remotePort && row.state.equals(SYN_SENT))
                .map(Row::localPort)
                .toList();
    }

    /** Waits until the socket from {@code localPort} to {@code remotePort} has unread bytes. */
    public static void awaitBytes(int localPort, int remotePort) {
        Await.until(
                "bytes have arrived",
                () -> rows().anyMatch(
                                row -> row.localPort == localPort && row.remotePort == remotePort && row.received > 0));
    }

    /** Waits until the socket from {@code localPort} to {@code remotePort} has no unread bytes. */
    public static void awaitNoBytes(int localPort, int remotePort) {
        Await.until(
                "all bytes have been read",
                () -> rows().noneMatch(
                                row -> row.localPort == localPort && row.remotePort == remotePort && row.received > 0));
    }

    /** The ports on which a process listens. */
    public static List<Integer> listening(long pid) {
        Set<String> sockets = sockets(pid);
        return rows().filter(row -> row.state.equals(LISTEN) && sockets.contains("socket:[" + row.inode + "]"))
                .map(Row::localPort)
                .toList();
    }

    /** As named by the links in the process's directory of open files. */
    private static Set<String> sockets(long pid) {
        try (Stream<Path> open = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            return open.map(SocketTable::target).collect(Collectors.toSet());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException e) {
            return "closed meanwhile";
        }
    }

    private record Row(int localPort, int remotePort, String state, int received, String inode) {
        /**
         * A line has: number, local address:port, remote address:port, state, sent:received, four more, inode. All but
         * the last are hexadecimal.
         */
        private static Row of(String line) {
            String[] columns = line.strip().split("\\s+", -1);
            return new Row(
                    afterColon(columns[1]), afterColon(columns[2]), columns[3], afterColon(columns[4]), columns[9]);
        }

        private static int afterColon(String column) {
            return Integer.parseUnsignedInt(column.substring(column.indexOf(':') + 1), 16);
        }
    }

    private static Stream<Row> rows() {
        assertThat(TABLES.getFirst())
                .as("the kernel's table of sockets exists (these tests need Linux)")
                .isReadable();
        return TABLES.stream()
                .filter(Files::exists)
                .flatMap(table -> read(table).skip(1).map(Row::of));
    }

    private static Stream<String> read(Path table) {
        try {
            return Files.readAllLines(table).stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
