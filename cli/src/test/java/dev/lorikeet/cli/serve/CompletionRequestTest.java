package dev.lorikeet.cli.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.transformer.generation.GenerationSettings;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.io.JsonObject;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CompletionRequestTest {
    private static final int MOST = 500;

    private static CompletionRequest read(String fields) {
        Path source = Path.of("request");
        return CompletionRequest.of(
                new JsonObject(source, "", Json.readObject("{\"model\": \"m\"" + fields + "}", source)),
                Set.of("prompt"), GenerationSettings.defaults(), 256, MOST);
    }

    @Test
    void whatIsNotSaidIsTheModelsOwn() {
        CompletionRequest asked = read(", \"prompt\": \"a\"");
        assertThat(asked)
                .isEqualTo(new CompletionRequest("m", GenerationSettings.defaults().withMaxNewTokens(256), false,
                        false, true));
    }

    @Test
    void settingsAreThoseOfTheInterface() {
        CompletionRequest asked = read("""
                , "max_tokens": 7, "temperature": 0.5, "top_p": 0.25, "top_k": 9, "min_p": 0.125, "seed": 3,
                "repetition_penalty": 1.5, "stop": ["a", "b"], "stream": true,
                "stream_options": {"include_usage": true},
                "user": "u", "frequency_penalty": 0, "logprobs": null, "tools": []""");
        GenerationSettings how = asked.how();
        assertThat(how.maxNewTokens()).isEqualTo(7);
        assertThat(how.doSample()).isTrue();
        assertThat(List.of(how.temperature(), how.topP(), how.minP(), how.repetitionPenalty()))
                .containsExactly(0.5, 0.25, 0.125, 1.5);
        assertThat(how.topK()).isEqualTo(9);
        assertThat(how.seed()).isEqualTo(3);
        assertThat(how.stopStrings()).containsExactly("a", "b");
        assertThat(asked.stream()).isTrue();
        assertThat(asked.usage()).isTrue();
        assertThat(read(", \"max_completion_tokens\": 5, \"max_tokens\": 9").how().maxNewTokens()).isEqualTo(5);
    }

    @ParameterizedTest
    @CsvSource({"top_p, 0.5", "top_k, 3", "min_p, 0.1", "seed, 4", "n, 2", "temperature, 1"})
    void whatIsSaidOfDrawingDraws(String name, String value) {
        assertThat(read(", \"" + name + "\": " + value).how().doSample()).isTrue();
        assertThat(read(", \"temperature\": 0" + (name.equals("temperature") ? "" : ", \"" + name + "\": " + value))
                .how().doSample()).isFalse();
    }

    @Test
    void aTemperatureOfNothingTakesTheMostProbable() {
        assertThat(read(", \"temperature\": 0, \"top_p\": 0.5").how().doSample()).isFalse();
    }

    @Test
    void formsAreThoseOfTheInterface() {
        assertThat(read(", \"response_format\": {\"type\": \"text\"}").how().form()).isNull();
        assertThat(read(", \"response_format\": {\"type\": \"json_object\"}").how().form())
                .matches(form -> form.matches("{\"a\": 1}"));
        assertThat(read("""
                , "response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": {"const": 1}}}""")
                .how().form()).matches(form -> form.matches("1") && !form.matches("2"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            , "max_tokens": 501                                | request: max_tokens: must be from 1 to 500, not 501
            , "max_completion_tokens": 0                       | request: max_completion_tokens: must be from 1 to 500
            , "temperature": -1                                | request: temperature: must be a number from 0.00001 on
            , "top_p": "x"                                     | request: top_p: must be a number in [0, 1]
            , "logit_bias": {"1": 2}                           | request: logit_bias: is not supported
            , "n_best": 3                                      | request: n_best: unknown field
            , "response_format": {"type": "xml"}               | request: response_format.type: must be text
            , "stop": ""                                       | request: stop: must be a text or a list of them
            """)
    void whatIsWrongIsNamed(String fields, String message) {
        assertThatThrownBy(() -> read(fields)).isInstanceOf(InputException.class).hasMessageStartingWith(message);
    }
}
