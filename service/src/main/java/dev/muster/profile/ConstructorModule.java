package dev.muster.profile;

import dev.muster.profile.Profile.Friend;
import dev.muster.profile.Profile.Post;
import dev.muster.profile.Profile.User;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.Version;
import tools.jackson.databind.BeanDescription;
import tools.jackson.databind.DeserializationConfig;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JacksonModule;
import tools.jackson.databind.deser.SettableBeanProperty;
import tools.jackson.databind.deser.ValueInstantiator;
import tools.jackson.databind.deser.ValueInstantiators;
import tools.jackson.databind.deser.bean.PropertyValueBuffer;

/**
 * Has Jackson call the constructors of what it reads by the dozen as Java does. Its own way, through
 * {@code MethodHandle.invokeWithArguments}, costs several allocations and lookups for each record (Jackson 3.2.0); what
 * it binds to which argument remains its own affair.
 */
final class ConstructorModule extends JacksonModule {
    /** By class, each with its arguments in the order of the record's components. */
    private static final Map<Class<?>, Function<@Nullable Object[], Object>> CONSTRUCTORS = Map.of(
            User.class, a -> new User((String) a[0], (String) a[1], (String) a[2], (String) a[3]),
            Post.class, a -> new Post((String) a[0], (String) a[1], (String) a[2]),
            Friend.class, a -> new Friend((String) a[0], (String) a[1]));

    @Override
    public String getModuleName() {
        return ConstructorModule.class.getName();
    }

    @Override
    public Version version() {
        return Version.unknownVersion();
    }

    @Override
    public void setupModule(SetupContext context) {
        context.addValueInstantiators(new Instantiators());
    }

    private static final class Instantiators extends ValueInstantiators.Base {
        @Override
        public ValueInstantiator modifyValueInstantiator(
                DeserializationConfig config, BeanDescription.Supplier described, ValueInstantiator usual) {
            var constructor = CONSTRUCTORS.get(described.getBeanClass());
            return constructor == null ? usual : new Direct(usual, constructor);
        }
    }

    private static final class Direct extends ValueInstantiator.Delegating {
        private static final long serialVersionUID = 1L;

        private final transient Function<@Nullable Object[], Object> constructor;

        Direct(ValueInstantiator usual, Function<@Nullable Object[], Object> constructor) {
            super(usual);
            this.constructor = constructor;
        }

        @Override
        public ValueInstantiator createContextual(DeserializationContext context, BeanDescription.Supplier described) {
            return new Direct(delegate().createContextual(context, described), constructor);
        }

        @Override
        public Object createFromObjectWith(
                DeserializationContext context, SettableBeanProperty[] properties, PropertyValueBuffer values) {
            @Nullable Object[] arguments = values.getParameters(context, properties);
            try {
                return constructor.apply(arguments);
            } catch (RuntimeException e) {
                return context.handleInstantiationProblem(getValueClass(), arguments, e);
            }
        }
    }
}
