package dev.lorikeet.cli.run;

import dev.lorikeet.transformer.io.InputException;

/**
 * What a run keeps beside its end.
 *
 * @param steps where it is, after so many steps each; 0 for as often as takes a hundredth of the time
 * @param epochs the models of so many last epochs
 */
public record Keeping(int steps, int epochs) {
    public static final Keeping STANDARD = new Keeping(0, 0);

    public Keeping {
        if (epochs < 0) {
            throw new InputException("--keep-epochs: must be at least 0, not " + epochs);
        }
    }
}
