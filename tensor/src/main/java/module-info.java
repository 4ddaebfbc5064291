/**
 * Numbers: tensors, the operations on them, and the seam for devices.
 *
 * <p>The Vector API is a module of the JDK that applications add by {@code --add-modules jdk.incubator.vector}; without
 * it the same bits come more slowly. The inner loops, the packed weights and the decompositions are for Lorikeet's own
 * modules alone, of which some are above and not seen from here.
 */
@SuppressWarnings("module") module dev.lorikeet.tensor {
    requires static jdk.incubator.vector;
    requires static org.jspecify;
    requires jdk.jfr;
    requires jdk.management;

    exports dev.lorikeet.tensor;
    exports dev.lorikeet.tensor.kernel
            to dev.lorikeet.autograd, dev.lorikeet.tornado, dev.lorikeet.transformer, dev.lorikeet.lora;
    exports dev.lorikeet.tensor.linalg to dev.lorikeet.lora;
    exports dev.lorikeet.tensor.packed to dev.lorikeet.autograd, dev.lorikeet.transformer, dev.lorikeet.lora;

    uses dev.lorikeet.tensor.ComputeProvider;
}
