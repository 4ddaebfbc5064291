package dev.lorikeet.lora;

import dev.lorikeet.transformer.io.InputException;
import java.util.LinkedHashSet;
import java.util.List;

/** Which modules of a model are meant, by their paths, as PEFT's {@code target_modules} and {@code exclude_modules}. */
public sealed interface ModuleSelection {
    /** Whether the module at {@code path} is meant. */
    boolean matches(String path);

    /**
     * The path itself or the end of it, from a dot on: {@code self.query} means
     * {@code encoder.layer.0.attention.self.query}.
     */
    record Names(List<String> names) implements ModuleSelection {
        public Names {
            names = List.copyOf(new LinkedHashSet<>(names));
        }

        @Override
        public boolean matches(String path) {
            return names.stream().anyMatch(name -> isEnd(path, name));
        }

        /** Whether {@code name} is {@code path} or the end of it from a dot on. */
        static boolean isEnd(String path, String name) {
            return path.equals(name) || path.endsWith("." + name);
        }
    }

    /** A regular expression for the whole path. */
    record Expression(PathExpression expression) implements ModuleSelection {
        /** @throws InputException as {@link PathExpression#ofPath} */
        public Expression(String regex) {
            this(PathExpression.ofPath(regex));
        }

        @Override
        public boolean matches(String path) {
            return expression.matches(path);
        }
    }

    /** Every linear layer but the head of a {@link TaskType#SEQ_CLS} model, as PEFT's {@code all-linear}. */
    record AllLinear() implements ModuleSelection {
        @Override
        public boolean matches(String path) {
            return true;
        }
    }
}
