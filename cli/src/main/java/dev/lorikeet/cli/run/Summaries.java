package dev.lorikeet.cli.run;

import dev.lorikeet.cli.report.DataSummary;
import dev.lorikeet.cli.report.FoundRows;
import dev.lorikeet.cli.task.TaskData;
import dev.lorikeet.transformer.training.EncodedDataset;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What there is to tell of a run's data. */
final class Summaries {
    private Summaries() {}

    /** Of examples, and of these as the model reads them. */
    static <X, Y> DataSummary of(TaskData<X, Y, ?> data, EncodedDataset train, @Nullable EncodedDataset validation,
            EncodedDataset test) {
        List<DataSummary.Part> parts = new ArrayList<>(List.of(part(TaskData.TRAIN, train)));
        if (validation != null) {
            parts.add(part(TaskData.VALIDATE, validation));
        }
        parts.add(part(TaskData.TEST, test));
        List<List<String>> targets = data.task().summary(data.train(), data.test());
        int inBoth = data.inBoth();
        return new DataSummary(targets, parts, data.sources().entrySet().stream()
                .map(each -> new FoundRows(each.getKey(), each.getValue().counts())).toList(), inBoth);
    }

    /** In targets, too, which a decoder reads while it learns them. */
    private static long unknown(EncodedDataset data) {
        int unknown = data.model().model().tokenizer().unknownId();
        return unknown < 0 ? 0 : data.examples().countOf(unknown);
    }

    private static DataSummary.Part part(String name, EncodedDataset data) {
        return DataSummary.Part.of(name, data.size(), data::tokens, data.truncated(), unknown(data), data.digest());
    }
}
