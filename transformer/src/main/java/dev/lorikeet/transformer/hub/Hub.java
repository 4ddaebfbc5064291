package dev.lorikeet.transformer.hub;

import dev.lorikeet.transformer.io.InputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A hub of models that speaks as Hugging Face's, and the cache of what came from it, which is the one that Python's
 * {@code huggingface_hub} and {@code transformers} use: what either has fetched, the other finds.
 *
 * <pre>{@code
 * Path model = Hub.standard().pull(HubName.of("Qwen/Qwen2-0.5B").orElseThrow(), PullListener.NONE);
 * }</pre>
 */
public final class Hub {
    private final HubSettings settings;
    private final Patience patience;

    /** The one that {@code settings} say. */
    public Hub(HubSettings settings) {
        this(settings, Patience.USUAL);
    }

    Hub(HubSettings settings, Patience patience) {
        this.settings = settings;
        this.patience = patience;
    }

    /** The one that the environment's variables say. */
    public static Hub standard() {
        return new Hub(HubSettings.standard());
    }

    /** Where it is, and its cache. */
    public HubSettings settings() {
        return settings;
    }

    /**
     * Where a model is in the cache: its directory, or its GGUF file. Opens no connection.
     *
     * @return nothing where it is not there, or not whole
     */
    public Optional<Path> find(HubName name) {
        RepositoryCache cache = new RepositoryCache(settings, name);
        return cache.commit(name).flatMap(commit -> {
            List<String> files = cache.files(commit);
            Path snapshot = cache.snapshot(commit);
            return Selection.of(name, files)
                    .filter(selection -> selection.index() == null
                            || files.containsAll(Selection.shards(snapshot.resolve(selection.index()))))
                    .map(selection -> at(snapshot, selection));
        });
    }

    private static Path at(Path snapshot, Selection selection) {
        return selection.place().isEmpty() ? snapshot : snapshot.resolve(selection.place());
    }

    /**
     * Fetches what the cache lacks of a model: its configuration, its weights in safetensors or GGUF and what belongs
     * to its tokenizer, and nothing else. Where that is interrupted, the next call goes on; other processes and threads
     * that fetch the same wait.
     *
     * @return as {@link #find}; what is there, without a connection, where none may be opened
     * @throws InputException if there is no such model, it has no files that are read here, it may not be read, the hub
     *     cannot be reached, what comes is not what the hub says, or the cache cannot be written
     */
    public Path pull(HubName name, PullListener listener) {
        if (settings.offline()) {
            Optional<Path> there = find(name);
            if (there.isPresent()) {
                return there.get();
            }
            throw new InputException(name + ": is not whole in " + settings.cache() + ", and nothing may be fetched, "
                    + "since --offline or HF_HUB_OFFLINE is set");
        }
        RepositoryCache cache = new RepositoryCache(settings, name);
        try (HubClient client = new HubClient(settings, name, listener, patience);
                RepositoryCache.Held _ = cache.hold(listener)) {
            return new Pull(client, cache, listener).run(name);
        }
    }

    /** One call of {@link #pull}. */
    private final class Pull {
        private final HubClient client;
        private final RepositoryCache cache;
        private final PullListener listener;

        Pull(HubClient client, RepositoryCache cache, PullListener listener) {
            this.client = client;
            this.cache = cache;
            this.listener = listener;
        }

        Path run(HubName name) {
            HubClient.Listing listing = client.list();
            String commit = listing.commit();
            Selection selection = Selection.of(name, listing.files())
                    .orElseThrow(() -> client.error("", Selection.reason(name, listing.files())));
            if (selection.index() != null) {
                missing(commit, List.of(selection.index())).forEach(file -> fetch(commit, file));
                selection = selection.and(Selection.shards(cache.snapshot(commit).resolve(selection.index())));
            }
            List<RemoteFile> missing = missing(commit, selection.files());
            long toCome = missing.stream().filter(file -> !cache.has(file)).mapToLong(RemoteFile::size).sum();
            cache.requireRoom(toCome);
            listener.begins(commit, selection.files().size(), bytes(commit, selection.files(), missing), toCome);
            missing.forEach(file -> fetch(commit, file));
            cache.point(name, commit); // once all is there
            return at(cache.snapshot(commit), selection);
        }

        private long bytes(String commit, Collection<String> all, List<RemoteFile> missing) {
            List<String> there = new ArrayList<>(all);
            there.removeAll(missing.stream().map(RemoteFile::path).toList());
            Map<String, Long> sizes = RepositoryCache.sizes(cache.snapshot(commit), there);
            return sizes.values().stream().mapToLong(Long::longValue).sum()
                    + missing.stream().mapToLong(RemoteFile::size).sum();
        }

        private List<RemoteFile> missing(String commit, Collection<String> files) {
            return files.stream().filter(file -> !Files.exists(cache.snapshot(commit).resolve(file)))
                    .map(file -> client.about(commit, file)).toList();
        }

        private void fetch(String commit, RemoteFile file) {
            if (!cache.has(file)) {
                new Download(client, commit, file, cache.part(file), listener, patience).run();
                cache.keep(file);
            }
            cache.place(file, commit);
        }
    }
}
