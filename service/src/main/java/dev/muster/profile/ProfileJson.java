package dev.muster.profile;

import com.fasterxml.jackson.annotation.Nulls;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.BufferRecycler;
import tools.jackson.core.util.JsonRecyclerPools;
import tools.jackson.core.util.RecyclerPool;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.cfg.CoercionAction;
import tools.jackson.databind.cfg.CoercionInputShape;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.type.LogicalType;
import tools.jackson.module.blackbird.BlackbirdModule;

/** Reads the backends' JSON, strictly, and writes the profile's. Thread-safe. */
public final class ProfileJson {
    /** A writer never blocks, so there are rarely more than processors. */
    private static final int WRITERS_AT_ONCE = 64;

    /** For branches: their threads end after one answer. */
    private static final JsonMapper READER = mapper(JsonRecyclerPools.threadLocalPool())
            // Without it, Jackson 3.2 calls a constructor at the cost of several allocations.
            .addModule(new BlackbirdModule())
            .build();

    /** For connections and workers: each of their threads would keep 16 KiB of buffers for its life. */
    private static final JsonMapper WRITER =
            mapper(JsonRecyclerPools.newBoundedPool(WRITERS_AT_ONCE)).build();

    public static final ObjectWriter PROFILE = WRITER.writerFor(Profile.class);

    private ProfileJson() {}

    static ObjectReader reader(Class<?> type) {
        return READER.readerFor(type);
    }

    static ObjectReader listReader(Class<?> element) {
        return READER.readerForListOf(element);
    }

    private static JsonMapper.Builder mapper(RecyclerPool<BufferRecycler> pool) {
        return JsonMapper.builder(JsonFactory.builder()
                        .recyclerPool(pool)
                        // UTF-8 only (RFC 8259 section 8.1).
                        .disable(TokenStreamFactory.Feature.CHARSET_DETECTION)
                        .build())
                // Measured: Jackson's default costs a few percent of a whole request.
                .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                // A null in a list has no id.
                .changeDefaultNullHandling(nulls -> nulls.withContentNulls(Nulls.FAIL))
                .withCoercionConfig(
                        LogicalType.Textual,
                        coercion -> coercion.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                                .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                                .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail));
    }
}
