package dev.lorikeet.transformer.generation;

import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.settings.Setting;

/** Which settings go together. */
final class GenerationRules {
    private GenerationRules() {}

    /** @throws InputException naming the setting */
    static void check(GenerationSettings settings) {
        boolean beams = settings.numBeams() > 1;
        if (beams && settings.doSample()) {
            throw wrong(GenerationSettings.DO_SAMPLE, "goes without num-beams: a beam search draws nothing here");
        }
        if (beams && !settings.stopStrings().isEmpty()) {
            throw wrong(GenerationSettings.STOP_STRINGS, "go without num-beams");
        }
        if (settings.form() != null) {
            if (beams) {
                throw wrong(GenerationSettings.NUM_BEAMS, "goes without a form: a beam search keeps to none");
            }
            if (settings.minNewTokens() > 0) {
                throw wrong(GenerationSettings.MIN_NEW_TOKENS, "goes without a form, which says where a text may end");
            }
            if (settings.noRepeatNgramSize() > 0) {
                throw wrong(GenerationSettings.NO_REPEAT_NGRAM_SIZE, "goes without a form, which may leave no other");
            }
        }
        if (settings.minNewTokens() > settings.maxNewTokens()) {
            throw wrong(GenerationSettings.MIN_NEW_TOKENS, settings.minNewTokens() + " is more than max-new-tokens "
                    + settings.maxNewTokens());
        }
        int texts = settings.numReturnSequences();
        if (texts > 1 && !beams && !settings.doSample()) {
            throw wrong(GenerationSettings.NUM_RETURN_SEQUENCES, "without do-sample or num-beams there is one text");
        }
        if (beams && texts > settings.numBeams()) {
            throw wrong(GenerationSettings.NUM_RETURN_SEQUENCES, texts + " is more than num-beams "
                    + settings.numBeams());
        }
    }

    private static InputException wrong(Setting<?> setting, String rule) {
        return new InputException(setting.key() + ": " + rule);
    }
}
