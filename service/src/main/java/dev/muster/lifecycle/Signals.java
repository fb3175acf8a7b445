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
     * Has {@code handler} called with every signal of that name from now on, each time on a new thread.
     *
     * @param name without SIG
     * @return false where the JVM leaves the signal to the operating system (-Xrs), or there is no such signal
     */
    static boolean handle(String name, Consumer<Received> handler) {
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
            handle.invoke(null, newSignal(signal, name), proxy);
            return true;
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof IllegalArgumentException) {
                return false;
            }
            throw new IllegalStateException("cannot handle SIG" + name, e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this JDK lacks jdk.unsupported", e);
        }
    }

    private static Object newSignal(Class<?> signal, String name) throws ReflectiveOperationException {
        return signal.getConstructor(String.class).newInstance(name);
    }

    /** A signal that has come. */
    record Received(String name, int number) {}
}
