package dev.lorikeet.transformer.weights;

import java.util.Map;

/** The number formats of tensors, by their numbers in GGUF files: ggml's {@code ggml_type}. */
final class GgufTypes {
    private static final Map<Integer, DType> READ = Map.ofEntries(Map.entry(0, DType.F32), Map.entry(1, DType.F16),
            Map.entry(2, DType.Q4_0), Map.entry(3, DType.Q4_1), Map.entry(6, DType.Q5_0), Map.entry(7, DType.Q5_1),
            Map.entry(8, DType.Q8_0), Map.entry(12, DType.Q4_K), Map.entry(13, DType.Q5_K), Map.entry(14, DType.Q6_K),
            Map.entry(24, DType.I8), Map.entry(25, DType.I16), Map.entry(26, DType.I32), Map.entry(27, DType.I64),
            Map.entry(28, DType.F64), Map.entry(30, DType.BF16));
    private static final Map<Integer, String> OTHERS = Map.ofEntries(Map.entry(9, "Q8_1"), Map.entry(10, "Q2_K"),
            Map.entry(11, "Q3_K"), Map.entry(15, "Q8_K"), Map.entry(16, "IQ2_XXS"), Map.entry(17, "IQ2_XS"),
            Map.entry(18, "IQ3_XXS"), Map.entry(19, "IQ1_S"), Map.entry(20, "IQ4_NL"), Map.entry(21, "IQ3_S"),
            Map.entry(22, "IQ2_S"), Map.entry(23, "IQ4_XS"), Map.entry(29, "IQ1_M"), Map.entry(34, "TQ1_0"),
            Map.entry(35, "TQ2_0"), Map.entry(39, "MXFP4"));

    private GgufTypes() {}

    /** The number of a type that is read. */
    static int number(DType dtype) {
        return READ.entrySet().stream().filter(entry -> entry.getValue() == dtype).findFirst().orElseThrow().getKey();
    }

    /** @throws dev.lorikeet.transformer.io.InputException if it is not read */
    static DType dtype(long number, String tensor, GgufCursor cursor) {
        DType dtype = number < 0 || number > Integer.MAX_VALUE ? null : READ.get((int) number);
        if (dtype == null) {
            String name = number > Integer.MAX_VALUE ? null : OTHERS.get((int) number);
            throw cursor.error(tensor, "type " + (name == null ? number : name) + " is not read, these are: "
                    + String.join(", ", READ.values().stream().map(DType::name).sorted().toList()));
        }
        return dtype;
    }
}
