package dev.lorikeet.cli;

import dev.lorikeet.transformer.model.EmbeddingHead.Pooling;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** {@link Pooling} by the names that files have. */
final class PoolingNames implements ITypeConverter<Pooling> {
    @Override
    public Pooling convert(String name) {
        try {
            return Pooling.of(name);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(e.getMessage());
        }
    }
}
