package dev.lorikeet.lora.peft;

import dev.lorikeet.lora.LoraPlan;
import dev.lorikeet.lora.LoraWeights;
import dev.lorikeet.lora.PeftCodec;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Shown;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.weights.DType;
import dev.lorikeet.transformer.weights.TensorFile;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Takes an adapter out of {@code adapter_model.safetensors}, and leaves no tensor there unexplained. */
final class AdapterFile {
    private static final String PREFIX = PeftCodec.PREFIX;
    private static final String CONFIG = "adapter_config.json";
    /** How far apart two weights may be from which the same was taken out, once by PEFT in float32. */
    private static final double DECOMPOSED = 1e-4;
    private static final Set<DType> FLOATS = Set.of(DType.F64, DType.F32, DType.F16, DType.BF16);

    private final TensorFile weights;
    private final LoraPlan plan;
    /** The tables of the vocabulary: paths in the model, by the names under which PEFT writes them. */
    private final Map<String, String> vocabulary;
    /** What the plan needs: names in the file, by paths in the model. */
    private final Map<String, String> needed = new LinkedHashMap<>();

    private AdapterFile(TensorFile weights, LoraPlan plan) {
        this.weights = weights;
        this.plan = plan;
        this.vocabulary = TensorNames.vocabulary(plan.model());
    }

    /**
     * The adapter that {@code plan} describes.
     *
     * @throws InputException if a tensor is missing, has another type or shape, is not finite, or belongs nowhere
     */
    static LoraWeights read(TensorFile weights, LoraPlan plan) {
        return new AdapterFile(weights, plan).read();
    }

    private LoraWeights read() {
        plan.shapes().forEach((path, shape) -> {
            String name = PREFIX + TensorNames.all(path, plan.sites()).stream()
                    .filter(each -> weights.contains(PREFIX + each)).findFirst()
                    .orElse(TensorNames.inFile(path, plan.sites()));
            needed.put(path, name);
            check(name, shape);
        });
        Map<String, Tensor> tables = others();
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        needed.forEach((path, name) -> tensors.put(path, weights.readFinite(name)));
        tensors.putAll(tables);
        return new LoraWeights(plan.bringing(tables.keySet()), tensors);
    }

    /** Checks all that the plan does not need; what of it takes the place of a table of the base, by path. */
    private Map<String, Tensor> others() {
        Set<String> saved = plan.saved().keySet();
        Map<String, String> again = TensorNames.again(plan.config(), plan.model(), saved);
        Map<String, String> ofBase = TensorNames.ofBase(plan.config(), plan.model(), plan.sites(), saved);
        double slack = plan.config().initialization().changesBase() ? DECOMPOSED : 0;
        Map<String, String> tables = new LinkedHashMap<>();
        for (String name : weights.names()) {
            String path = name.startsWith(PREFIX) ? TensorNames.ofDefault(name.substring(PREFIX.length())) : "";
            String table = vocabulary.get(path);
            if (again.containsKey(path)) {
                requireSame(name, weights.read(LoraPlan.at(LoraPlan.at(path, again), needed)), 0,
                        "the value of " + again.get(path));
            } else if (ofBase.containsKey(path)) {
                requireSame(name, baseWeight(LoraPlan.at(path, ofBase)), slack,
                        "that of the base, for which the adapter was made");
            } else if (table != null && !needed.containsKey(table) && !needed.containsValue(name)) {
                check(name, base(table).shape());
                String other = tables.putIfAbsent(table, name);
                if (other != null) {
                    requireSame(name, weights.readFinite(other), 0,
                            "that of " + other + ", to which the model ties it");
                }
            } else if (!needed.containsValue(name)) {
                throw new InputException(weights.source(), name, stray(path));
            }
        }
        return ofAnotherBase(tables);
    }

    /** Once the vocabulary has grown, PEFT writes the tables, and puts them in the place of the base's. */
    private Map<String, Tensor> ofAnotherBase(Map<String, String> tables) {
        Map<String, Tensor> others = new LinkedHashMap<>();
        tables.forEach((path, name) -> {
            Tensor table = weights.readFinite(name);
            if (firstOther(table, base(path), 0, weights.dtype(name)) >= 0) {
                others.put(path, table);
            }
        });
        return others;
    }

    private Tensor base(String path) {
        return LoraPlan.at(path, plan.model().namedParameters()).value();
    }

    private Tensor baseWeight(String path) {
        return plan.sites().stream().filter(site -> path.equals(site.path() + ".weight")).findFirst()
                .map(plan::frozenWeight).orElseGet(() -> base(path));
    }

    /** What a file holds besides the adapter's own tensors must say the same. */
    private void requireSame(String name, Tensor expected, double slack, String what) {
        check(name, expected.shape());
        Tensor found = weights.readFinite(name);
        int other = firstOther(found, expected, slack, weights.dtype(name));
        if (other >= 0) {
            throw new InputException(weights.source(), name, "element " + other + " is " + found.data()[other]
                    + ", not " + expected.data()[expected.offset() + other] + ": it must be " + what);
        }
    }

    /** The first element that is another one, or -1; 16 bits cannot say exactly what 32 do. */
    private static int firstOther(Tensor found, Tensor expected, double slack, DType dtype) {
        double tolerance = dtype == DType.BF16 ? 0x1p-8 : dtype == DType.F16 ? 0x1p-11 : 0;
        double least = dtype == DType.F16 ? 0x1p-25 : 0; // half of its smallest number: below 2^-14 its steps are equal
        for (int i = 0; i < found.size(); i++) {
            double value = expected.data()[expected.offset() + i];
            if (Math.abs(found.data()[i] - value) > slack + Math.max(least, tolerance * Math.abs(value))) {
                return i;
            }
        }
        return -1;
    }

    private void check(String name, Shape shape) {
        if (!weights.contains(name)) {
            throw new InputException(weights.source(), name, "is missing, " + TensorNames.field(name) + " of "
                    + CONFIG + " asks for it");
        }
        Shape found = weights.shape(name);
        if (!found.equals(shape)) {
            boolean resized = vocabulary.containsKey(name.substring(PREFIX.length()).replace(TensorNames.BASE, ""))
                    && found.rank() == shape.rank() && found.dim(0) != shape.dim(0);
            throw new InputException(weights.source(), name, resized
                    ? "the adapter was trained with a vocabulary of " + found.dim(0) + ", this model has one of "
                            + shape.dim(0) + ": it is for the model with the resized embeddings"
                    : "shape " + shape + " is expected from " + CONFIG + " and the model, not " + found);
        }
        if (!FLOATS.contains(weights.dtype(name))) {
            throw new InputException(weights.source(), name,
                    "one of " + Shown.names(FLOATS.stream().map(DType::name).sorted().toList()) + " is expected, not "
                            + weights.dtype(name));
        }
    }

    /** Why nobody needs the tensor that would be at {@code path} of the model. */
    private String stray(String path) {
        String table = vocabulary.get(path);
        if (table != null) {
            return "the head is tied to " + table + " in this model, and " + CONFIG + " saves that one alone";
        }
        String module = TensorNames.module(path);
        Set<String> modules = plan.model().namedModules().keySet();
        for (int end = 0; end >= 0 && !module.isEmpty();) {
            end = module.indexOf('.', end + 1);
            String part = end < 0 ? module : module.substring(0, end);
            if (modules.stream().noneMatch(each -> each.equals(part) || each.startsWith(part + "."))) {
                return "the model, "
                        + (plan.model() instanceof TaskModel<?, ?, ?> model && model.head().className() != null
                                ? "a " + model.head().className()
                                : "which has no head")
                        + ", has no module " + part;
            }
        }
        return "belongs to no module that " + CONFIG + " targets or saves";
    }
}
