package dev.muster.profile;

import com.fasterxml.jackson.annotation.Nulls;
import dev.muster.profile.Profile.Friend;
import dev.muster.profile.Profile.Post;
import dev.muster.profile.Profile.User;
import java.util.List;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.type.TypeReference;
import tools.jackson.core.util.JsonRecyclerPools;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.cfg.CoercionAction;
import tools.jackson.databind.cfg.CoercionInputShape;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.type.LogicalType;

/** How the backends' JSON is read, strictly, and the profile's is written. Thread-safe. */
public final class ProfileJson {
    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    // Both settings were measured: Jackson's defaults cost a few percent of a whole request more.
                    .recyclerPool(JsonRecyclerPools.threadLocalPool())
                    .build())
            .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            // A null among the posts or friends has no id.
            .changeDefaultNullHandling(nulls -> nulls.withContentNulls(Nulls.FAIL))
            .withCoercionConfig(
                    LogicalType.Textual,
                    coercion -> coercion.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                            .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                            .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail))
            .build();

    public static final ObjectReader USER = MAPPER.readerFor(User.class);
    public static final ObjectReader POSTS = MAPPER.readerFor(new TypeReference<List<Post>>() {});
    public static final ObjectReader FRIENDS = MAPPER.readerFor(new TypeReference<List<Friend>>() {});
    public static final ObjectWriter PROFILE = MAPPER.writerFor(Profile.class);

    private ProfileJson() {}
}
