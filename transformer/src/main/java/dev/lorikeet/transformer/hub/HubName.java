package dev.lorikeet.transformer.hub;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A model of a hub, written {@code ORG/NAME[@REVISION][:FILE.gguf]}.
 *
 * @param repository {@code ORG/NAME}
 * @param revision a branch, a tag, or a commit, which stays what it is; {@code main} where none is said
 * @param file a GGUF file in it; null for what it holds otherwise
 */
public record HubName(String repository, String revision, @Nullable String file) {
    /** The branch that is meant where none is said. */
    public static final String MAIN = "main";

    private static final String WORD = "[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?";
    private static final Pattern REPOSITORY = Pattern.compile(WORD + "/" + WORD);
    private static final Pattern REVISION = Pattern.compile("[A-Za-z0-9._-]+(?:/[A-Za-z0-9._-]+)*");
    private static final Pattern WHOLE = Pattern.compile("([^@:]+)(?:@([^@:]+))?(?::([^:]+\\.gguf))?");
    private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");
    /** Hugging Face's own limit. */
    private static final int LONGEST = 96;

    /**
     * @throws IllegalArgumentException if a part cannot be that of a name
     */
    public HubName {
        if (!isRepository(repository) || !isSafe(revision) || !REVISION.matcher(revision).matches()
                || file != null && !isSafe(file)) {
            throw new IllegalArgumentException(repository + "@" + revision + (file == null ? "" : ":" + file));
        }
    }

    /** What {@code text} names, or nothing where it cannot be the name of a hub's model. */
    public static Optional<HubName> of(String text) {
        Matcher parts = WHOLE.matcher(text);
        if (!parts.matches() || !isRepository(parts.group(1))) {
            return Optional.empty();
        }
        String revision = parts.group(2) == null ? MAIN : parts.group(2);
        String file = parts.group(3);
        return isSafe(revision) && REVISION.matcher(revision).matches() && (file == null || isSafe(file))
                ? Optional.of(new HubName(parts.group(1), revision, file))
                : Optional.empty();
    }

    private static boolean isRepository(String text) {
        return REPOSITORY.matcher(text).matches() && text.length() <= LONGEST && !text.contains("--")
                && !text.contains("..") && !text.endsWith(".git") && !text.endsWith(".gguf");
    }

    /** Whether this is a relative path with {@code /} that stays below where it starts, on every system. */
    static boolean isSafe(String path) {
        return !path.contains("\\") && !path.contains(":") && path.chars().noneMatch(Character::isISOControl)
                && List.of(path.split("/", -1)).stream()
                        .noneMatch(part -> part.isEmpty() || part.equals(".") || part.equals(".."));
    }

    /** Whether the revision is a commit's whole hash. */
    boolean isPinned() {
        return isCommit(revision);
    }

    static boolean isCommit(String text) {
        return COMMIT.matcher(text).matches();
    }

    /** As it is written. */
    @Override
    public String toString() {
        return repository + (revision.equals(MAIN) ? "" : "@" + revision) + (file == null ? "" : ":" + file);
    }
}
