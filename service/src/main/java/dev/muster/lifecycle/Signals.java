package dev.muster.lifecycle;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.function.Consumer;

/**
 * The signals of the operating system: {@code sun.misc.Signal} of the module jdk.unsupported, the only way there is to
 * answer SIGTERM with more than a hook. Reached by reflection, as javac warns of the name, which nothing can suppress.
 */
final class Signals {
    private Signals() {}

    /**
     * Has {@code handler} called with every signal of that name from now on, each time on a new thread, if the system sends
     * it here at all.
     *
     * @param name without SIG
     */
    static Reach handle(String name, Consumer<Received> handler) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> signalHandler = Class.forName("sun.misc.SignalHandler");
            int number = (int) signal.getMethod("getNumber").invoke(newSignal(signal, name));
            Object proxy = Proxy.newProxyInstance(
                    Signals.class.getClassLoader(), new Class<?>[] {signalHandler}, (self, method, arguments) -> {
                        if (method.getDeclaringClass() != signalHandler) {
                            return method.invoke(handler, arguments);
                        }
                        handler.accept(new Received("SIG" + name, number));
                        return null;
                    });
            Method handle = signal.getMethod("handle", signal, signalHandler);
            Object before = handle.invoke(null, newSignal(signal, name), proxy);
            // The JVM leaves a signal alone that was ignored before it, and takes the handler all the same.
            boolean ignored = signalHandler.getField("SIG_IGN").get(null).equals(before);
            return ignored ? Reach.IGNORED : Reach.HANDLED;
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof IllegalArgumentException) {
                return Reach.LEFT_TO_THE_SYSTEM;
            }
            throw new IllegalStateException("cannot handle SIG" + name, e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this JDK lacks jdk.unsupported", e);
        }
    }

    private static Object newSignal(Class<?> signal, String name) throws ReflectiveOperationException {
        return signal.getConstructor(String.class).newInstance(name);
    }

    /** Where a signal comes to. */
    enum Reach {
        HANDLED,
        /** To nobody: it was ignored when the process was started, by {@code nohup} or a shell's {@code &}. */
        IGNORED,
        /** Not to Java: the JVM is told so (-Xrs), or there is no such signal. */
        LEFT_TO_THE_SYSTEM
    }

    /** A signal that has come. */
    record Received(String name, int number) {}
}
