package dev.lorikeet.cli;

import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.weights.DType;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The types in which matrices are written into GGUF files, as llama.cpp's tools call them. */
final class GgufType implements ITypeConverter<DType> {
    static final String LABEL = "f32|f16|bf16|q8_0";

    @Override
    public DType convert(String name) {
        return switch (name) {
            case "f32" -> DType.F32;
            case "f16" -> DType.F16;
            case "bf16" -> DType.BF16;
            case "q8_0" -> DType.Q8_0;
            default -> throw new TypeConversionException("one of " + LABEL.replace("|", ", ") + " is expected, not '"
                    + name + "'");
        };
    }

    /** @throws InputException if something is there already */
    static void requireNew(Path file) {
        if (Files.exists(file)) {
            throw new InputException(file, "--out", "is there already, the name of a new file is expected");
        }
    }
}
