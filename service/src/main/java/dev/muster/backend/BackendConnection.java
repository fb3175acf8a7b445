package dev.muster.backend;

import dev.muster.backend.CallTimes.Stage;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import javax.net.ssl.SSLSocket;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpStatus;
import org.apache.hc.core5.http.ProtocolException;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.io.DefaultBHttpClientConnection;
import org.apache.hc.core5.http.impl.io.SocketHolder;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.io.Closer;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/1.1 connection to a backend: HttpCore's, with what a pool needs.
 *
 * <p>It knows whether an answer has begun, and whether unsolicited bytes have arrived. It limits the bytes that HttpCore
 * reads and discards. Used by one thread at a time.
 */
final class BackendConnection extends DefaultBHttpClientConnection {
    /** Small on purpose: a connection has two of them, a request a connection to each backend. Larger ones save nothing. */
    private static final Http1Config CONFIG = Http1Config.custom()
            .setBufferSize(2048)
            .setMaxLineLength(8192)
            .setMaxHeaderCount(100)
            .build();

    /** The longest head that is read, in bytes. */
    private static final int MAX_HEAD = CONFIG.getMaxLineLength() * CONFIG.getMaxHeaderCount();

    /** HttpCore skips any number of interim answers (RFC 9110 section 15.2). One or two are usual. */
    private static final int MAX_INTERIM = 8;

    private final Socket raw;
    private final boolean encrypted;
    private final AnswerStream answer;
    private boolean reused;
    private long idleSinceNanos;
    /** Of the current exchange. */
    private int interimAnswers;

    /** The answer is longer than allowed, valid or not. The message follows "The backend". */
    static final class ExcessException extends IOException {
        private static final long serialVersionUID = 1L;

        private ExcessException(String what) {
            super(what);
        }
    }

    /** A connection on {@code raw}, and on {@code tls} above it for https. */
    BackendConnection(Socket raw, @Nullable SSLSocket tls) throws IOException {
        super(CONFIG);
        this.raw = raw;
        this.encrypted = tls != null;
        this.answer = new AnswerStream((tls != null ? tls : raw).getInputStream());
        bind(tls != null ? new Holder(tls, raw, answer) : new Holder(raw, answer));
    }

    boolean reused() {
        return reused;
    }

    void becomeIdle(long nowNanos) {
        answer.times = null;
        idleSinceNanos = nowNanos;
        reused = true;
    }

    long idleSinceNanos() {
        return idleSinceNanos;
    }

    /**
     * Prepares for the next exchange, before its request is written.
     *
     * @param times records the stages of this exchange
     * @param maxBody the longest body, in bytes; with the longest head, the limit for all bytes of the exchange, framing
     *     and interim answers included
     */
    void beginExchange(CallTimes times, int maxBody) {
        interimAnswers = 0;
        answer.left = maxBody + MAX_HEAD;
        answer.times = times;
        times.unmark(Stage.SENT);
        times.unmark(Stage.FIRST_BYTE);
    }

    /** Whether any byte of the answer to the current exchange has arrived. */
    boolean answerBegun() {
        return answer.times != null && answer.times.reached(Stage.FIRST_BYTE);
    }

    @Override
    public void flush() throws IOException {
        super.flush();
        if (answer.times != null) {
            answer.times.mark(Stage.SENT);
        }
    }

    @Override
    public ClassicHttpResponse receiveResponseHeader() throws HttpException, IOException {
        ClassicHttpResponse head = super.receiveResponseHeader();
        if (head.getCode() == HttpStatus.SC_SWITCHING_PROTOCOLS) {
            // Another protocol would follow (RFC 9110 section 15.2.2).
            throw new ProtocolException("101 without an Upgrade request");
        }
        if (head.getCode() < HttpStatus.SC_SUCCESS && ++interimAnswers > MAX_INTERIM) {
            throw new ExcessException("sent more than " + MAX_INTERIM + " interim answers");
        }
        return head;
    }

    /** HttpCore would close gracefully after a protocol error: TLS then reads on for as long as bytes come. */
    @Override
    public void close() {
        close(CloseMode.IMMEDIATE);
    }

    /**
     * Whether the backend has sent bytes after its last answer. The next caller would take them for its answer. HttpCore's
     * buffer may hold them and shows them only to a read, so this reads without blocking. HttpCore's own stale check
     * waits for a millisecond.
     */
    boolean hasUnsolicitedBytes() {
        answer.probing = true;
        try {
            return isDataAvailable(Timeout.ZERO_MILLISECONDS)
                    // Bytes that TLS has not read yet.
                    || (encrypted && raw.getInputStream().available() > 0);
        } catch (IOException e) {
            return true;
        } finally {
            answer.probing = false;
        }
    }

    /** Closes an idle connection without a reset, and without TLS's close_notify: writing it could block. */
    void retire() {
        Closer.closeQuietly(raw);
    }

    private static final class Holder extends SocketHolder {
        private final InputStream answer;

        Holder(Socket raw, InputStream answer) {
            super(raw);
            this.answer = answer;
        }

        Holder(SSLSocket tls, Socket raw, InputStream answer) {
            super(tls, raw);
            this.answer = answer;
        }

        @Override
        protected InputStream getInputStream(Socket socket) {
            return answer;
        }
    }

    /** The socket's bytes, limited for each exchange. While probing, a read returns 0 and does not wait. */
    private static final class AnswerStream extends FilterInputStream {
        private boolean probing;
        /** How many bytes of the current exchange may still be read. The last read may exceed it. */
        private int left;

        private @Nullable CallTimes times;

        AnswerStream(InputStream in) {
            super(in);
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            if (probing && in.available() == 0) {
                return 0;
            }
            if (left <= 0) {
                throw new ExcessException("sent too many bytes around its body");
            }
            int count = super.read(buffer, offset, length);
            left -= count;
            if (count > 0 && times != null && !times.reached(Stage.FIRST_BYTE)) {
                times.mark(Stage.FIRST_BYTE);
            }
            return count;
        }
    }
}
