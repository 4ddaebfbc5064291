package dev.lorikeet.transformer.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.transformer.io.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HubNameTest {
    @TempDir
    private Path home;

    @ParameterizedTest
    @ValueSource(strings = {"org/name", "Qwen/Qwen2.5-0.5B", "a/b_c@v1.0", "a/b@refs/pr/1", "a/b:x.gguf",
        "a/b@main2:sub/x-00001-of-00002.gguf"})
    void aNameIsWrittenAsItIsRead(String text) {
        assertThat(HubName.of(text)).get().hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "name", "/name", "org/", "a/b/c", "./a", "../a", "a/..", "a--b/c", "a/b.git", "-a/b",
        "a/b.", "a/b@", "a/b@../x", "a/b@x..y/../z", "a/b:", "a/b:x.bin", "a/b:../x.gguf", "a/b:/x.gguf", "a/b x",
        "models/x.gguf", "C:\\a/b", "a\\b", "org/nämé", "a/b@/x", "a/b:sub\\x.gguf"})
    void whatCannotBeANameIsNone(String text) {
        assertThat(HubName.of(text)).isEmpty();
    }

    @Test
    void partsAreWhatTheyAre() {
        assertThat(HubName.of("a/b@v1:x.gguf")).contains(new HubName("a/b", "v1", "x.gguf"));
        assertThat(HubName.of("a/b@main")).contains(HubName.of("a/b").orElseThrow());
        assertThatThrownBy(() -> new HubName("a/b", "../c", null)).isInstanceOf(IllegalArgumentException.class);
    }

    /** As constants.py of huggingface_hub 2.4 reads them. */
    @Test
    void theVariablesAreThoseOfPython() throws IOException {
        HubSettings usual = HubSettings.of(Map.of(), home.toString());
        assertThat(usual.endpoint()).hasToString("https://huggingface.co");
        assertThat(usual.cache()).isEqualTo(home.resolve(".cache/huggingface/hub"));
        assertThat(usual.token()).isNull();
        assertThat(usual.offline()).isFalse();
        assertThat(usual.links()).isTrue();
        assertThat(cache(Map.of("XDG_CACHE_HOME", "/x"))).isEqualTo(Path.of("/x/huggingface/hub"));
        assertThat(cache(Map.of("HF_HOME", "~/hf", "XDG_CACHE_HOME", "/x"))).isEqualTo(home.resolve("hf/hub"));
        assertThat(cache(Map.of("HF_HOME", "/h", "HF_HUB_CACHE", "$D/${D}c", "D", "/d"))).isEqualTo(Path.of("/d/dc"));
        assertThat(cache(Map.of("HUGGINGFACE_HUB_CACHE", "/old"))).isEqualTo(Path.of("/old"));
        assertThat(HubSettings.of(Map.of("HF_HUB_OFFLINE", "yes", "HF_HUB_DISABLE_SYMLINKS", "1"), "/"))
                .matches(HubSettings::offline).matches(settings -> !settings.links());
        assertThat(HubSettings.of(Map.of("TRANSFORMERS_OFFLINE", "1"), "/").offline()).isTrue();
        assertThat(HubSettings.of(Map.of("HF_ENDPOINT", "http://localhost:8080/hf/"), "/").endpoint())
                .hasToString("http://localhost:8080/hf");
        Files.createDirectories(home.resolve(".cache/huggingface"));
        Files.writeString(home.resolve(".cache/huggingface/token"), " kept\n");
        assertThat(HubSettings.of(Map.of(), home.toString()).token()).isEqualTo("kept");
        assertThat(HubSettings.of(Map.of("HF_TOKEN", "given"), home.toString()).token()).isEqualTo("given");
        assertThat(HubSettings.of(Map.of("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1"), home.toString()).token()).isNull();
    }

    private Path cache(Map<String, String> environment) {
        return HubSettings.of(environment, home.toString()).cache();
    }

    @Test
    void variablesThatMeanNothingAreRefusedAndATokenIsNotShown() {
        assertThatThrownBy(() -> HubSettings.of(Map.of("HF_ENDPOINT", "huggingface.co"), "/"))
                .isInstanceOf(InputException.class)
                .hasMessage("HF_ENDPOINT: \"huggingface.co\" is no address of a hub, "
                        + "as https://huggingface.co is");
        assertThatThrownBy(() -> HubSettings.of(Map.of("HF_ENDPOINT", "http://a b"), "/"))
                .isInstanceOf(InputException.class).hasMessageStartingWith("HF_ENDPOINT: \"http://a b\" is no address");
        assertThatThrownBy(() -> HubSettings.of(Map.of("HF_TOKEN", "hf_\nx: y"), "/"))
                .isInstanceOf(InputException.class).hasMessageStartingWith("HF_TOKEN: is no token")
                .hasMessageNotContaining("hf_");
    }
}
