package dev.lorikeet.tensor.kernel;

import java.lang.System.Logger.Level;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.Nullable;

/**
 * The ladder that chooses the {@link Kernels} once for the JVM: a width that was asked for, else the widest vectors of
 * the machine where C2 compiles, else scalar code. It never fails without the incubator module, and says why it chose
 * what it chose: to the log as a warning where a width was asked for that is slow here, as information where scalar
 * code is a makeshift.
 *
 * @param kernels the implementation
 * @param reason one sentence for people, for example {@code "widest vectors of this machine"}
 */
public record KernelChoice(Kernels kernels, String reason) {
    /** The system property that asks for {@code scalar}, {@code 128}, {@code 256}, {@code 512} or {@code auto}. */
    public static final String PROPERTY = "lorikeet.vector";

    private static @Nullable String requested = System.getProperty(PROPERTY);
    private static @Nullable KernelChoice made;

    /**
     * Asks for a width before anything is computed, as {@code -Dlorikeet.vector} does.
     *
     * @param width {@code scalar}, {@code 128}, {@code 256}, {@code 512} or {@code auto}
     * @throws IllegalArgumentException if {@code width} is none of these
     * @throws IllegalStateException if kernels were already chosen
     */
    public static synchronized void request(String width) {
        check(width);
        if (made != null) {
            throw new IllegalStateException("vector width: asked for " + width + " after " + made.kernels.name()
                    + " was already chosen");
        }
        requested = width;
    }

    /** The choice, made at the first call. */
    public static synchronized KernelChoice made() {
        if (made == null) {
            made = recorded(choose(requested == null ? "auto" : check(requested)));
        }
        return made;
    }

    /** Tells Flight Recorder of a choice. */
    static KernelChoice recorded(KernelChoice choice) {
        @Nullable
        KernelEvent event = FlightRecording.POSSIBLE ? new KernelEvent() : null;
        if (event != null && event.shouldCommit()) {
            event.commit(choice);
        }
        return choice;
    }

    private static String check(String width) {
        return switch (width) {
            case "scalar", "128", "256", "512", "auto" -> width;
            default -> throw new IllegalArgumentException(
                    "vector width: scalar, 128, 256, 512 or auto expected, not " + width);
        };
    }

    private static KernelChoice choose(String width) {
        if (width.equals("scalar")) {
            return scalar("asked for", Level.DEBUG);
        }
        if (ModuleLayer.boot().findModule("jdk.incubator.vector").isEmpty()) {
            return scalar(
                    "the module jdk.incubator.vector is absent: pass --add-modules jdk.incubator.vector for speed",
                    Level.INFO);
        }
        String obstacle = JitCompiler.obstacle();
        int widest = FloatVector.SPECIES_PREFERRED.vectorBitSize();
        if (!width.equals("auto")) {
            return Integer.parseInt(width) > widest
                    ? vectors("asked for; wider than this machine's " + widest + " bits, so it is slow", Level.WARNING)
                    : obstacle == null ? vectors("asked for", Level.DEBUG)
                            : vectors("asked for; slow, since " + obstacle, Level.WARNING);
        }
        if (obstacle != null) {
            return scalar(obstacle, Level.INFO);
        }
        return widest < 128 ? scalar("this machine has no vectors of 128 bits or more", Level.DEBUG)
                : logged(new KernelChoice(starting(), "widest vectors of this machine"), Level.DEBUG);
    }

    private static KernelChoice scalar(String reason, Level level) {
        return logged(new KernelChoice(new ScalarKernels(), reason), level);
    }

    /** Whoever asks for a width has it from the first product on. */
    private static Kernels starting() {
        VectorKernels vectors = new VectorKernels();
        WarmSamples samples = new WarmSamples(vectors);
        return new StartingKernels(vectors, new WarmUp(number -> samples.of(WarmKernel.values()[number])));
    }

    private static KernelChoice vectors(String reason, Level level) {
        return logged(new KernelChoice(new VectorKernels(), reason), level);
    }

    private static KernelChoice logged(KernelChoice choice, Level level) {
        System.getLogger(KernelChoice.class.getName()).log(level, () -> "kernels: " + choice.kernels.name() + ": "
                + choice.reason);
        return choice;
    }

    /** The species of {@link VectorKernels}; at most 512 bits, since a sum has 16 lanes. */
    static VectorSpecies<Float> species() {
        String width = requested;
        if (width == null || width.equals("auto") || width.equals("scalar")) {
            return FloatVector.SPECIES_PREFERRED.vectorBitSize() > 512 ? FloatVector.SPECIES_512
                    : FloatVector.SPECIES_PREFERRED;
        }
        return VectorSpecies.of(float.class, VectorShape.forBitSize(Integer.parseInt(width)));
    }
}
