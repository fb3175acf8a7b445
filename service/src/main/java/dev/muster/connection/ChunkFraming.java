package dev.muster.connection;

import org.jspecify.annotations.Nullable;

/**
 * Checks that a body is framed by chunks as RFC 9112 section 7.1 has it, without extensions and trailers, byte by byte as
 * it arrives.
 *
 * <p>Helidon reads the chunks, but looks neither at what ends one nor at the length of a size; a server that disagrees
 * with the proxy in front about such bytes takes a part of one body for another's request. Used by one thread.
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
        /** Another request. */
        NONE
    }

    /** Sizes below 4 GiB, leading zeros among the digits; the limit of bodies is far below. */
    private static final int MAX_DIGITS = 8;

    private Part part = Part.SIZE;
    private int digits;
    private long size;
    /** What is wrong, for good. */
    private @Nullable HttpViolation broken;

    /** Takes the next bytes; says why they cannot be those of a chunked body, else null. Behind its end it looks at none. */
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
