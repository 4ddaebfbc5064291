package dev.lorikeet.transformer.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.transformer.io.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What comes from a hub on this machine, and how it lies in the cache. */
class HubTest {
    static final Patience SHORT = new Patience(Duration.ofMillis(1), Duration.ofSeconds(20), Duration.ofSeconds(20),
            Duration.ofSeconds(2), 3);

    private final HubServer server = new HubServer();

    @TempDir
    private Path cache;

    @BeforeEach
    void model() {
        server.file("config.json", "{\"model_type\": \"bert\"}");
        server.file("tokenizer.json", "{}");
        server.large("model.safetensors", 700_000);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Hub hub(@Nullable String token, boolean links) {
        return new Hub(new HubSettings(server.endpoint(), token, cache, false, links), SHORT);
    }

    private Path pull() {
        return hub(null, true).pull(HubServer.NAME, PullListener.NONE);
    }

    private Path folder() {
        return cache.resolve("models--org--name");
    }

    private List<String> tree(String folder) throws IOException {
        Path below = folder().resolve(folder);
        try (Stream<Path> files = Files.walk(below)) {
            return files.filter(file -> !Files.isDirectory(file)).map(file -> below.relativize(file).toString())
                    .sorted().toList();
        }
    }

    private List<String> asked(String method) {
        return server.asked.stream().filter(asked -> asked.method().equals(method))
                .map(asked -> asked.path().replaceFirst(".*(/|%2F)", "")).distinct().sorted().toList();
    }

    @Test
    void whatTheModelNeedsLiesWherePythonLooksAndNothingElseIsAskedFor() throws IOException {
        server.file("README.md", "about");
        server.file("onnx/config.json", "{}");
        server.file("1_Pooling/config.json", "{\"pooling_mode\": \"mean\"}");
        server.large("pytorch_model.bin", 10);
        List<String> heard = new ArrayList<>();
        Path place = hub(null, true).pull(HubServer.NAME, new PullListener() {
            @Override
            public void begins(String commit, int files, long bytes, long missing) {
                heard.add(commit + " " + files + " " + bytes + " " + missing);
            }

            @Override
            public void comes(String file, long bytes, long of) {
                if (bytes == of) {
                    heard.add(file);
                }
            }
        });
        assertThat(place).isEqualTo(folder().resolve("snapshots").resolve(HubServer.COMMIT));
        assertThat(heard).first().isEqualTo(HubServer.COMMIT + " 4 700048 700048");
        assertThat(heard).containsExactlyInAnyOrder(heard.getFirst(), "config.json", "tokenizer.json",
                "model.safetensors", "1_Pooling/config.json");
        assertThat(asked("HEAD")).containsExactly("config.json", "model.safetensors", "tokenizer.json");
        assertThat(asked("GET")).containsExactly("config.json", "main", "model.safetensors", "tokenizer.json");
        assertThat(folder().resolve("refs/main")).hasContent(HubServer.COMMIT);
        assertThat(tree("blobs")).containsExactlyInAnyOrder(server.etag("config.json"), server.etag("tokenizer.json"),
                server.etag("model.safetensors"), server.etag("1_Pooling/config.json"));
        assertThat(Files.readSymbolicLink(place.resolve("model.safetensors")))
                .isEqualTo(Path.of("../../blobs", server.etag("model.safetensors")));
        assertThat(Files.readSymbolicLink(place.resolve("1_Pooling/config.json")))
                .isEqualTo(Path.of("../../../blobs", server.etag("1_Pooling/config.json")));
        assertThat(place.resolve("model.safetensors")).hasBinaryContent(server.files.get("model.safetensors"));
        assertThat(tree("snapshots/" + HubServer.COMMIT)).containsExactly("1_Pooling/config.json", "config.json",
                "model.safetensors", "tokenizer.json");
    }

    @Test
    void whatIsThereIsFoundWithoutTheHubAndNotFetchedAgain() throws IOException {
        assertThat(hub(null, true).find(HubServer.NAME)).isEmpty();
        assertThat(server.asked).isEmpty();
        Path place = pull();
        server.asked.clear();
        assertThat(hub(null, true).find(HubServer.NAME)).contains(place);
        assertThat(hub(null, true).find(HubName.of("org/name@" + HubServer.COMMIT).orElseThrow())).contains(place);
        assertThat(hub(null, true).find(HubName.of("org/name@v1").orElseThrow())).isEmpty();
        assertThat(server.asked).isEmpty();
        assertThat(pull()).isEqualTo(place);
        assertThat(server.asked).hasSize(1);
        Files.delete(place.resolve("model.safetensors")); // as where Python fetched the configuration alone
        assertThat(hub(null, true).find(HubServer.NAME)).isEmpty();
        assertThat(pull()).isEqualTo(place);
        assertThat(asked("GET")).containsExactly("main"); // the blob is there
        assertThat(hub(null, true).find(HubServer.NAME)).contains(place);
    }

    @Test
    void aBranchMovesOnAndACommitStays() throws IOException {
        Path before = pull();
        server.commit = HubServer.COMMIT.replace('0', 'f');
        server.file("config.json", "{\"model_type\": \"gpt2\"}");
        server.asked.clear();
        Path after = pull();
        assertThat(asked("GET")).containsExactly("config.json", "main");
        assertThat(after.getFileName()).hasToString(server.commit);
        assertThat(folder().resolve("refs/main")).hasContent(server.commit);
        assertThat(before.resolve("config.json")).hasContent("{\"model_type\": \"bert\"}");
        assertThat(after.resolve("config.json")).hasContent("{\"model_type\": \"gpt2\"}");
        HubName pinned = HubName.of("org/name@" + server.commit).orElseThrow();
        assertThat(hub(null, true).pull(pinned, PullListener.NONE)).isEqualTo(after);
        assertThat(tree("refs")).containsExactly("main");
        HubName request = HubName.of("org/name@refs/pr/1").orElseThrow();
        assertThat(hub(null, true).pull(request, PullListener.NONE)).isEqualTo(after);
        assertThat(server.asked.getLast().path()).endsWith("/revision/refs%2Fpr%2F1");
        assertThat(hub(null, true).find(request)).contains(after);
    }

    @Test
    void theTokenGoesToTheHubAlone() {
        hub("secret", true).pull(HubServer.NAME, PullListener.NONE);
        assertThat(server.asked).filteredOn(HubServer.Asked::away).isNotEmpty().extracting(HubServer.Asked::token)
                .containsOnlyNulls();
        assertThat(server.asked).filteredOn(asked -> !asked.away()).isNotEmpty().extracting(HubServer.Asked::token)
                .containsOnly("Bearer secret");
        assertThat(hub("secret", true).settings().toString()).doesNotContain("secret");
    }

    @Test
    void whereThereAreNoLinksTheContentIsInTheSnapshot() {
        Path place = hub(null, false).pull(HubServer.NAME, PullListener.NONE);
        assertThat(place.resolve("model.safetensors")).isRegularFile()
                .hasBinaryContent(server.files.get("model.safetensors"));
        assertThat(Files.isSymbolicLink(place.resolve("model.safetensors"))).isFalse();
    }

    @Test
    void twoAtOnceFetchOnce() throws InterruptedException, ExecutionException {
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            Callable<Path> pull = this::pull;
            for (Future<Path> place : threads.invokeAll(List.of(pull, pull, pull, pull))) {
                assertThat(place.get()).exists();
            }
        }
        assertThat(server.asked).filteredOn(HubServer.Asked::away).hasSize(1);
    }

    @Test
    void nothingIsFetchedWhereThatIsForbidden() {
        HubSettings settings = new HubSettings(server.endpoint(), null, cache, false, true).withoutConnections();
        assertThatThrownBy(() -> new Hub(settings).pull(HubServer.NAME, PullListener.NONE))
                .isInstanceOf(InputException.class)
                .hasMessage("org/name: is not whole in " + cache + ", and nothing may be fetched, since --offline or "
                        + "HF_HUB_OFFLINE is set");
        assertThat(server.asked).isEmpty();
        Path place = pull();
        assertThat(new Hub(settings).pull(HubServer.NAME, PullListener.NONE)).isEqualTo(place);
    }

    @Test
    void shardsAreThoseOfTheIndex() throws IOException {
        server.files.remove("model.safetensors");
        server.large("a-00001-of-00002.safetensors", 100);
        server.large("a-00002-of-00002.safetensors", 200);
        server.large("other.safetensors", 300);
        server.file("model.safetensors.index.json",
                "{\"weight_map\": {\"x\": \"a-00001-of-00002.safetensors\", \"y\": \"a-00002-of-00002.safetensors\"}}");
        Path place = pull();
        assertThat(tree("snapshots/" + HubServer.COMMIT)).containsExactly("a-00001-of-00002.safetensors",
                "a-00002-of-00002.safetensors", "config.json", "model.safetensors.index.json", "tokenizer.json");
        Files.delete(place.resolve("a-00002-of-00002.safetensors"));
        assertThat(hub(null, true).find(HubServer.NAME)).isEmpty();
    }

    @Test
    void ofGgufFilesTheOnlyOneOrTheOneThatIsNamed() throws IOException {
        server.files.clear();
        server.large("b.gguf", 10);
        server.file("README.md", "");
        assertThat(pull()).isEqualTo(folder().resolve("snapshots").resolve(HubServer.COMMIT).resolve("b.gguf"));
        server.large("sub/a-00001-of-00002.gguf", 11);
        server.large("sub/a-00002-of-00002.gguf", 12);
        assertThatThrownBy(this::pull).hasMessage("org/name: has several GGUF files, say which, as "
                + "org/name:b.gguf; there are b.gguf, sub/a-00001-of-00002.gguf");
        HubName parts = HubName.of("org/name:sub/a-00001-of-00002.gguf").orElseThrow();
        assertThat(hub(null, true).pull(parts, PullListener.NONE)).endsWithRaw(Path.of("sub/a-00001-of-00002.gguf"))
                .hasBinaryContent(server.files.get("sub/a-00001-of-00002.gguf"));
        assertThat(tree("snapshots/" + HubServer.COMMIT)).containsExactly("b.gguf", "sub/a-00001-of-00002.gguf",
                "sub/a-00002-of-00002.gguf");
        assertThat(hub(null, true).find(parts)).isPresent();
        assertThatThrownBy(() -> hub(null, true).pull(HubName.of("org/name:c.gguf").orElseThrow(), PullListener.NONE))
                .hasMessageStartingWith("org/name:c.gguf: there is no such file, there are b.gguf, sub/a-");
    }

    @Test
    void anAdapterComesWithoutItsBase() throws IOException {
        server.files.clear();
        server.file("adapter_config.json", "{}");
        server.large("adapter_model.safetensors", 10);
        server.file("training_args.bin", "");
        pull();
        assertThat(tree("snapshots/" + HubServer.COMMIT)).containsExactly("adapter_config.json",
                "adapter_model.safetensors");
    }

    @Test
    void picklesAreRefusedWithTheWayToConvertThem() {
        server.files.remove("model.safetensors");
        server.file("pytorch_model.bin", "");
        assertThatThrownBy(this::pull).isInstanceOf(InputException.class)
                .hasMessageStartingWith("org/name: there is pytorch_model.bin alone, a pickle, which is never read")
                .hasMessageContaining("python -c \"import glob, torch").hasMessageEndingWith("{'format': 'pt'})\"");
        server.files.remove("pytorch_model.bin");
        assertThatThrownBy(this::pull).hasMessage("org/name: has no model.safetensors, no "
                + "model.safetensors.index.json and no GGUF file, which this reads; it has config.json, "
                + "tokenizer.json");
        server.files.remove("config.json");
        server.large("model.safetensors", 1);
        assertThatThrownBy(this::pull).hasMessage(
                "org/name: has no config.json, which this reads; it has model.safetensors, tokenizer.json");
    }
}
