package dev.muster.config;

import java.util.function.IntSupplier;

/**
 * A number of at least {@code from} and at most {@code to}, or {@code auto}: what the machine can bear.
 *
 * @param bearable what {@code auto} stands for
 */
record Sized(int from, int to, IntSupplier bearable) implements Kind<Integer> {
    private static final String AUTO = "auto";

    @Override
    public Integer read(String text) throws Refused {
        return text.equals(AUTO) ? Integer.valueOf(bearable.getAsInt()) : number().read(text);
    }

    private Kind<Integer> number() {
        return new Kinds.WholeNumber(from, to);
    }

    @Override
    public String allowed() {
        return number().allowed() + ", or auto";
    }

    @Override
    public String shown(String text) {
        return text.equals(AUTO) ? AUTO + " (" + bearable.getAsInt() + ")" : text;
    }
}
