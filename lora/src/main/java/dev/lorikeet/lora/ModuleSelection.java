package dev.lorikeet.lora;

import dev.lorikeet.transformer.io.InputException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

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
    record Expression(Pattern pattern) implements ModuleSelection {
        /** @throws InputException if {@code regex} is not a regular expression */
        public Expression(String regex) {
            this(compile("a selection of modules", regex));
        }

        @Override
        public boolean matches(String path) {
            return pattern.matcher(path).matches();
        }

        /** Patterns have no equality of their own. */
        @Override
        public boolean equals(Object other) {
            return other instanceof Expression e && e.pattern.pattern().equals(pattern.pattern());
        }

        @Override
        public int hashCode() {
            return pattern.pattern().hashCode();
        }

        static Pattern compile(String field, String regex) {
            try {
                return Pattern.compile(regex);
            } catch (PatternSyntaxException e) {
                throw new InputException(field + ": \"" + regex + "\" is not a regular expression: "
                        + e.getDescription());
            }
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
