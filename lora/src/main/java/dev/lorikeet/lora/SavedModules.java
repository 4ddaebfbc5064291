package dev.lorikeet.lora;

import org.jspecify.annotations.Nullable;

/** What a name in PEFT's {@code modules_to_save} means. */
public final class SavedModules {
    private SavedModules() {}

    /**
     * The module that {@code name} saves whole at {@code path} or around it: the outermost whose path ends in the
     * letters of the name, so that {@code norm} means {@code input_layernorm} too.
     *
     * @return its path, or null where there is none
     */
    public static @Nullable String around(String path, String name) {
        for (int end = path.indexOf('.'); end >= 0; end = path.indexOf('.', end + 1)) {
            if (path.startsWith(name, end - name.length())) {
                return path.substring(0, end);
            }
        }
        return path.endsWith(name) ? path : null;
    }
}
