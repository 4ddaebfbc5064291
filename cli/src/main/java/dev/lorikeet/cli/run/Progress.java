package dev.lorikeet.cli.run;

import dev.lorikeet.transformer.training.Step;
import dev.lorikeet.transformer.training.TrainingListener;
import java.util.List;

/** Shows how far training has come. */
sealed interface Progress extends TrainingListener, AutoCloseable permits ProgressBars, ProgressLines {
    /** These steps were done before: a mean goes on from them. */
    void past(List<Step> steps);

    @Override
    void close();
}
