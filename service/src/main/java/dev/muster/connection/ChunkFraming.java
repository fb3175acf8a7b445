package dev.muster.connection;

import org.jspecify.annotations.Nullable;

/**
 * Checks the chunks of a body against RFC 9112 section 7.1, byte by byte on arrival. Rejects extensions and trailers.
 *
 * <p>Helidon reads the chunks, but checks neither the end of a chunk nor the length of its size. If the proxy in front
 * reads such bytes differently, the server takes a part of a body for another client's request. Used by one thread.
 */
final class ChunkFraming {
    /** What the next byte belongs to. */
    private enum Part {
        SIZE,
        SIZE_LF,
        DATA,
        DATA_CR,
        DATA_LF,
        LAST_CR,
        LAST_LF,
        /** The next request. */
        NONE
    }

    /** Including leading zeros. Allows sizes below 4 GiB; the limit of bodies is far below. */
    private static final int MAX_DIGITS = 8;

    private Part part = Part.SIZE;
    private int digits;
    private long size;
    /** The first fault, which stays. */
    private @Nullable HttpViolation broken;

    /** The fault of the next bytes; null if there is none. Bytes behind the end of the body are not checked. */
    @Nullable
    HttpViolation check(byte[] bytes) {
        int i = 0;
        while (i < bytes.length && part != Part.NONE) {
            if (part == Part.DATA) {
                int skipped = (int) Math.min(size, bytes.length - i);
                i += skipped;
                size -= skipped;
                part = size == 0 ? Part.DATA_CR : Part.DATA;
            } else if (!fits(bytes[i])) {
                broken = broken == null ? why(bytes[i]) : broken;
                return broken;
            } else {
                i++;
            }
        }
        return null;
    }

    private boolean fits(byte b) {
        return broken == null
                && switch (part) {
                    case SIZE -> (b == '\r' && digits > 0) ? goOn(Part.SIZE_LF) : isDigit(b);
                    case SIZE_LF -> b == '\n' && goOn(size == 0 ? Part.LAST_CR : Part.DATA);
                    case DATA_CR -> b == '\r' && goOn(Part.DATA_LF);
                    case DATA_LF -> b == '\n' && goOn(Part.SIZE);
                    case LAST_CR -> b == '\r' && goOn(Part.LAST_LF);
                    case LAST_LF -> b == '\n' && goOn(Part.NONE);
                    case DATA, NONE -> true;
                };
    }

    private HttpViolation why(byte b) {
        return switch (part) {
            case SIZE -> digits <= 1 ? HttpViolation.CHUNK_SIZE : behindDigits(b);
            case SIZE_LF -> HttpViolation.CHUNK_SIZE_END;
            case DATA_CR, DATA_LF -> HttpViolation.CHUNK_DATA_END;
            case LAST_CR, LAST_LF -> HttpViolation.CHUNK_TRAILER;
            case DATA, NONE -> HttpViolation.OTHER;
        };
    }

    private static HttpViolation behindDigits(byte b) {
        return switch (b) {
            case ';' -> HttpViolation.CHUNK_EXTENSION;
            case '\n' -> HttpViolation.CHUNK_SIZE_END;
            default -> HttpViolation.CHUNK_SIZE;
        };
    }

    private boolean isDigit(byte b) {
        int digit = b < 0 ? -1 : Character.digit((char) b, 16);
        size = size * 16 + digit;
        digits++;
        return digit >= 0 && digits <= MAX_DIGITS;
    }

    private boolean goOn(Part next) {
        part = next;
        if (next == Part.SIZE) {
            size = 0;
            digits = 0;
        }
        return true;
    }
}
