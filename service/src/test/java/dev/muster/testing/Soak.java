package dev.muster.testing;

/** Tests that find more the longer they run: short in {@code mvn verify}, long in {@code mvn verify -Psoak}. */
public final class Soak {
    private static final boolean LONG = Boolean.getBoolean("muster.soak");

    private Soak() {}

    /** The number of repetitions: {@code few}, or {@code many} in the long form. */
    public static int times(int few, int many) {
        return LONG ? many : few;
    }
}
