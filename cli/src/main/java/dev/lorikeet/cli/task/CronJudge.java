package dev.lorikeet.cli.task;

import dev.lorikeet.cli.cron.CronMeaning;
import dev.lorikeet.transformer.data.Examples;
import dev.lorikeet.transformer.generation.Generation;
import dev.lorikeet.transformer.generation.GenerationListener;
import dev.lorikeet.transformer.generation.Generator;
import dev.lorikeet.transformer.task.Completion;
import dev.lorikeet.transformer.task.TaskModel;
import java.util.ArrayList;
import java.util.List;

/** Asks a model for cron expressions: an answer is right when it is due at the same times. */
final class CronJudge {
    private static final int SHOWN = 3;
    /** The longest expression has fewer. */
    private static final int TOKENS = 32;
    private static final int TOGETHER = 16;

    private CronJudge() {}

    static Judged judge(TaskModel<?, ?, ?> model, Examples<Completion, Completion> test) {
        Generator generator = Generator.of(model);
        long start = System.nanoTime();
        List<Judged.Answer> answers = new ArrayList<>();
        long tokens = 0;
        for (int from = 0; from < test.size(); from += TOGETHER) {
            List<Completion> some = new ArrayList<>();
            for (int i = from; i < Math.min(test.size(), from + TOGETHER); i++) {
                some.add(test.input(i));
            }
            List<Generation> written = generator.generate(
                    some.stream().map(each -> generator.prompt(each.prompt())).toList(),
                    generator.settings().withMaxNewTokens(TOKENS).withStopStrings("\n"), GenerationListener.NONE);
            for (int i = 0; i < some.size(); i++) {
                tokens += written.get(i).ids().length;
                answers.add(answer(some.get(i), written.get(i).text().strip()));
            }
        }
        double seconds = (System.nanoTime() - start) * 1e-9;
        double exact = answers.stream().filter(each -> each.expected().equals(each.written())).count();
        double right = answers.stream().filter(Judged.Answer::isRight).count();
        return new Judged(answers.size(), exact / answers.size(), right / answers.size(), tokens / seconds,
                List.copyOf(answers.subList(0, Math.min(SHOWN, answers.size()))));
    }

    private static Judged.Answer answer(Completion asked, String written) {
        String expected = asked.completion().strip();
        CronMeaning meaning = CronMeaning.of(written);
        return new Judged.Answer(asked.prompt(), expected, written,
                meaning != null && meaning.equals(CronMeaning.of(expected)));
    }
}
