package dev.muster.lifecycle;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.function.Consumer;

/**
 * Handles the signals of the operating system. Only {@code sun.misc.Signal} of the module jdk.unsupported can do more
 * on SIGTERM than a shutdown hook. We use reflection, as the name causes a javac warning that cannot be suppressed.
 */
final class Signals {
    private Signals() {}

    /**
     * Calls {@code handler} with every signal of that name, each on a new thread, if the signal reaches Java at all.
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
            // The JVM accepts the handler of a signal that was ignored before its start, but never calls it.
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

    /** Whether a signal reaches Java. */
    enum Reach {
        HANDLED,
        /** It was ignored when the process was started, by {@code nohup} or a shell's {@code &}. */
        IGNORED,
        /** The JVM was told to leave it to the system (-Xrs), or there is no such signal. */
        LEFT_TO_THE_SYSTEM
    }

    record Received(String name, int number) {}
}
