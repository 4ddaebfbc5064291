package dev.lorikeet.transformer.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.tensor.Random;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The patterns that are read by hand, beside java.util.regex. */
class WordPatternTest {
    private static final int[] CHARACTERS = ("abstmdrevlSTMDREVL''''01289     \t\n\r\u000B\u0085\u00A0\u2003"
            + "\u3000.,!?-_$é中ſ²٣\u0301\u200D😀𝟙𠀀").codePoints().toArray();

    @ParameterizedTest
    @ValueSource(strings = {WordPattern.GPT2_REGEX, WordPattern.LLAMA3_REGEX, WordPattern.QWEN2_REGEX})
    void cutsAsTheRegularExpressionDoes(String regex) {
        WordPattern byHand = Objects.requireNonNull(WordPattern.of(regex));
        Pattern pattern = Pattern.compile(regex, Pattern.UNICODE_CHARACTER_CLASS);
        for (int i = 0; i < 20_000; i++) {
            long key = Random.key(11, i);
            StringBuilder text = new StringBuilder();
            for (int j = 0; j < 1 + Math.floorMod(Random.bits(key, 0), 12); j++) {
                text.appendCodePoint(CHARACTERS[Math.floorMod(Random.bits(key, j + 1), CHARACTERS.length)]);
            }
            List<String> expected = new ArrayList<>();
            for (Matcher matcher = pattern.matcher(text); matcher.find();) {
                expected.add(matcher.group());
            }
            List<String> words = new ArrayList<>();
            byHand.split(NormalizedString.of(text.toString()), 0, text.length(),
                    (of, from, to) -> words.add(of.text().substring(from, to)));
            assertThat(words).as("%s", text).isEqualTo(expected);
        }
    }
}
