package dev.lorikeet.tornado;

import dev.lorikeet.tornado.plan.Buffer;
import dev.lorikeet.tornado.plan.Graph;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiFunction;

/**
 * Runs kernels as the Java that they are, without TornadoVM's runtime. The arrays of the API that is compiled against
 * are preview classes of Java 21, which a later JVM refuses: here they are read with that mark taken off, and the
 * kernels with them. Under an SDK nothing of that is needed.
 */
final class KernelsInJava extends ClassLoader {
    private static final String API = "uk.ac.manchester.tornado.api.";
    private static final String OWN = "dev.lorikeet.tornado.";
    /** The place of the minor version in a class file, which marks a preview. */
    private static final int MINOR = 4;

    private KernelsInJava() {
        super(KernelsInJava.class.getClassLoader());
    }

    /**
     * What runs a graph: from the values of buffers to those of all buffers afterwards.
     *
     * @param tiled the kernels with work-groups, or the plain loops
     */
    static BiFunction<Graph, Map<Buffer, float[]>, Map<Buffer, float[]>> device(boolean tiled) {
        try {
            boolean sdk = ModuleLayer.boot().findModule("tornado.api").isPresent();
            ClassLoader loader = sdk ? KernelsInJava.class.getClassLoader() : new KernelsInJava();
            var constructor = Class.forName(OWN + "JavaDevice", true, loader).getDeclaredConstructor(boolean.class);
            constructor.setAccessible(true);
            @SuppressWarnings("unchecked")
            var device = (BiFunction<Graph, Map<Buffer, float[]>, Map<Buffer, float[]>>) constructor.newInstance(tiled);
            return device;
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            boolean mine = name.startsWith(API)
                    || name.startsWith(OWN) && !name.startsWith(OWN + "plan.") && !name.equals(getClass().getName());
            return loaded != null ? loaded : mine ? define(name) : super.loadClass(name, resolve);
        }
    }

    private Class<?> define(String name) throws ClassNotFoundException {
        try (InputStream in = Objects.requireNonNull(
                getParent().getResourceAsStream(name.replace('.', '/') + ".class"), name)) {
            byte[] bytes = in.readAllBytes();
            bytes[MINOR] = 0;
            bytes[MINOR + 1] = 0;
            return defineClass(name, bytes, 0, bytes.length);
        } catch (IOException e) {
            throw new ClassNotFoundException(name, e);
        }
    }
}
