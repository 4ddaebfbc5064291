package dev.lorikeet.cli;

import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** As what a model is written. */
enum ModelFormat {
    HUGGINGFACE, GGUF;

    /** As the command line has it. */
    static final class Names implements ITypeConverter<ModelFormat> {
        @Override
        public ModelFormat convert(String name) {
            for (ModelFormat format : values()) {
                if (format.name().toLowerCase(Locale.ROOT).equals(name)) {
                    return format;
                }
            }
            throw new TypeConversionException("huggingface or gguf is expected, not '" + name + "'");
        }
    }
}
