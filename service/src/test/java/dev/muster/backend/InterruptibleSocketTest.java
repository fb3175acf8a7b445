package dev.muster.backend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.Await;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InterruptibleSocketTest {
    private static final byte[] BLOCK = new byte[64 << 10];

    private interface Read {
        void from(InputStream in) throws IOException;
    }

    private static Read read(String how) {
        return switch (how) {
            case "a byte" -> InputStream::read;
            case "a buffer" -> in -> in.read(new byte[16]);
            default -> in -> in.skip(16);
        };
    }

    @ParameterizedTest
    @ValueSource(strings = {"a byte", "a buffer", "bytes to skip"})
    void anInterruptEndsAReaderWhoAlwaysFindsSomethingToRead(String how) throws Exception {
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                InterruptibleSocket socket = new InterruptibleSocket()) {
            socket.connect(listener.getLocalSocketAddress());
            try (Socket sender = listener.accept()) {
                Thread sending = Thread.ofVirtual().start(() -> sendWithoutEnd(sender));
                CountDownLatch begun = new CountDownLatch(1);
                CompletableFuture<IOException> end = new CompletableFuture<>();
                Thread reader = Thread.ofVirtual().start(() -> end.complete(readWithoutEnd(socket, read(how), begun)));
                Await.latch(begun);

                reader.interrupt();

                assertThat(Await.result(end)).hasMessage("Closed by interrupt");
                assertThat(socket.isClosed()).isTrue();
                Await.end(sending);
            }
        }
    }

    @Test
    void whoIsNotInterruptedReadsToTheEnd() throws Exception {
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                InterruptibleSocket socket = new InterruptibleSocket()) {
            socket.connect(listener.getLocalSocketAddress());
            try (Socket sender = listener.accept()) {
                sender.getOutputStream().write(BLOCK, 0, 100);
            }

            assertThat(socket.getInputStream().readAllBytes()).hasSize(100);
        }
    }

    private static void sendWithoutEnd(Socket sender) {
        try {
            while (true) {
                sender.getOutputStream().write(BLOCK);
            }
        } catch (IOException e) {
            // the reader has closed the connection
        }
    }

    private static IOException readWithoutEnd(Socket socket, Read read, CountDownLatch begun) {
        try {
            InputStream in = socket.getInputStream();
            while (true) {
                read.from(in);
                begun.countDown();
            }
        } catch (IOException e) {
            return e;
        }
    }
}
