package dev.lorikeet.cli.recipe;

import dev.lorikeet.transformer.io.FileNames;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.settings.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The files of one part of the data. */
final class DataPaths {
    /** One path is a text, several are a list. */
    static final Kind<List<Path>> KIND = new Kind<>("FILES", "a path, or a list of paths", DataPaths::read,
            DataPaths::written);

    /** The folder of a pattern, and what stands for names in it. */
    private static final Pattern GLOB = Pattern.compile("(?s)((?:[^*?\\[{]*[/\\\\])?)([^/\\\\]*[*?\\[{].*)");
    /** Between the paths of a flag; within braces, a comma is the pattern's own. */
    private static final Pattern COMMA = Pattern.compile(",(?![^{]*})");

    private DataPaths() {}

    static @Nullable List<Path> read(Object given) {
        List<?> names = given instanceof List<?> list ? list : List.of(given);
        if (names.isEmpty() || !names.stream().allMatch(name -> name instanceof String text && !text.isBlank())) {
            return null;
        }
        try {
            List<Path> paths = names.stream().map(name -> Path.of((String) name).normalize()).toList();
            if (new HashSet<>(paths).size() < paths.size()) {
                throw new IllegalArgumentException("a file is there twice");
            }
            return paths;
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException(e.getReason(), e);
        }
    }

    static Object written(List<Path> paths) {
        List<String> names = paths.stream().map(Path::toString).toList();
        return names.size() == 1 ? names.getFirst() : names;
    }

    /** What a flag says: names between commas, unless there is a file of the whole name. */
    static Object ofFlag(String text) {
        return text.indexOf(',') < 0 || isThere(Path.of(""), text) ? text : List.of(COMMA.split(text, -1));
    }

    private static boolean isThere(Path folder, String name) {
        try {
            return Files.exists(folder.resolve(name));
        } catch (InvalidPathException e) {
            return false;
        }
    }

    /**
     * Names as they are from {@code folder}; a pattern, with {@code *} and the like, stands for the files that it
     * fits, sorted by name.
     *
     * @param given a name or a list of names; anything else stays as it is
     * @throws InputException if a name is none, or no file fits a pattern
     */
    static @Nullable Object placed(@Nullable Object given, Path folder, Function<String, InputException> error) {
        List<?> names = given instanceof List<?> list ? list : given == null ? List.of() : List.of(given);
        if (names.isEmpty() || !names.stream().allMatch(name -> name instanceof String text && !text.isBlank())) {
            return given;
        }
        List<Path> placed = new ArrayList<>();
        for (Object name : names) {
            placed.addAll(files((String) name, folder, error));
        }
        return written(placed);
    }

    private static List<Path> files(String name, Path folder, Function<String, InputException> error) {
        Matcher glob = GLOB.matcher(name);
        if (!glob.matches() || isThere(folder, name)) {
            return List.of(FileNames.resolve(folder, name, error).normalize());
        }
        Path start = FileNames.resolve(folder, glob.group(1), error);
        String pattern = glob.group(2);
        List<Path> found = List.of();
        try {
            PathMatcher matcher = start.getFileSystem().getPathMatcher("glob:" + pattern);
            int depth = pattern.contains("**") ? Integer.MAX_VALUE : pattern.split("[/\\\\]").length;
            try (Stream<Path> all = Files.isDirectory(start)
                    ? Files.walk(start.toString().isEmpty() ? Path.of(".") : start, depth, FileVisitOption.FOLLOW_LINKS)
                    : Stream.empty()) {
                Path from = start.toString().isEmpty() ? Path.of(".") : start;
                found = all.filter(Files::isRegularFile).map(from::relativize)
                        .filter(path -> matcher.matches(path) && (pattern.startsWith(".") || !isHidden(path)))
                        .map(start::resolve).sorted().toList();
            }
        } catch (IllegalArgumentException e) { // a PatternSyntaxException is one, too
            throw error.apply("\"" + name + "\" is no pattern of names: " + e.getMessage());
        } catch (IOException | UncheckedIOException e) {
            throw error.apply("\"" + name + "\" cannot be looked for: " + e);
        }
        if (found.isEmpty()) {
            throw error.apply("no file fits \"" + name + "\"");
        }
        return found.stream().map(Path::normalize).toList();
    }

    /** As shells have it, such names are not meant by a star. */
    private static boolean isHidden(Path path) {
        return path.getFileName().toString().startsWith(".");
    }
}
