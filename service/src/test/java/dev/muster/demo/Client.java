package dev.muster.demo;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;

/** A client so simple that it sees every byte, also the bytes that a real client hides. */
final class Client implements AutoCloseable {

    final Socket socket;

    Client(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
    }

    Reply get(String target) throws IOException {
        request(target);
        return reply();
    }

    void request(String target) throws IOException {
        send("GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n");
    }

    void send(String bytes) throws IOException {
        socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
    }

    Reply reply() throws IOException {
        var head = new Reply(head(), "");
        return head.head().contains("Content-Length")
                ? new Reply(head.head(), bytes(Integer.parseInt(head.header("Content-Length"))))
                : head;
    }

    String head() throws IOException {
        InputStream in = socket.getInputStream();
        var head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int c = in.read();
            if (c < 0) {
                throw new IOException("the connection ended in the head: " + head);
            }
            head.append((char) c);
        }
        return head.toString();
    }

    String bytes(int count) throws IOException {
        return new String(socket.getInputStream().readNBytes(count), StandardCharsets.UTF_8);
    }

    /** Reads until the server closes. */
    String rest() throws IOException {
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }

    /** Reads until the server closes, in order or by a reset; false if it does not close. */
    boolean ends() throws IOException {
        try {
            rest();
        } catch (SocketException e) {
            // A reset: the server closed before it had read all bytes.
        }
        return true;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
