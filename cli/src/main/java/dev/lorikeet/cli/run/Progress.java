package dev.lorikeet.cli.run;

import dev.lorikeet.transformer.training.TrainingListener;

/** Shows how far training has come. */
sealed interface Progress extends TrainingListener, AutoCloseable permits ProgressBars, ProgressLines {
    @Override
    void close();
}
