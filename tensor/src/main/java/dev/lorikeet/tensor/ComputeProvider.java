package dev.lorikeet.tensor;

import java.util.List;
import java.util.ServiceLoader;

/**
 * Offers devices that compute beside the processor. Implementations are found by {@link ServiceLoader}, and nobody
 * looks for them until a device is asked for.
 */
public interface ComputeProvider {
    /** For people, for example {@code TornadoVM}. */
    String name();

    /** What is there. Never throws; the first call may take a second, the others nothing. */
    Found find();

    /**
     * Opens a device.
     *
     * @param device index in {@link Found#devices}
     * @param processor what computes all that the device does not
     * @throws IllegalArgumentException if there is no such device
     */
    Compute open(int device, Compute processor);

    /** Those on the class path, in its order. */
    static List<ComputeProvider> all() {
        return ServiceLoader.load(ComputeProvider.class, ComputeProvider.class.getClassLoader()).stream()
                .map(ServiceLoader.Provider::get).toList();
    }

    /**
     * The devices of a provider.
     *
     * @param devices their names, for people; none if there is nothing to compute with
     * @param reason what was found, or why there is none: one line
     */
    record Found(List<String> devices, String reason) {
        public Found {
            devices = List.copyOf(devices);
        }
    }
}
