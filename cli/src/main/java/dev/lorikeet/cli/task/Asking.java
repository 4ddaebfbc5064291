package dev.lorikeet.cli.task;

import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.cli.recipe.RecipeSettings;
import dev.lorikeet.cli.recipe.ScoreKind;
import dev.lorikeet.cli.report.AnsweringProgress;
import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.cli.report.WrittenAnswers;
import dev.lorikeet.cli.report.WrittenAnswers.Asked;
import dev.lorikeet.transformer.chat.ChatMessage;
import dev.lorikeet.transformer.chat.ChatTemplate;
import dev.lorikeet.transformer.data.Examples;
import dev.lorikeet.transformer.generation.Generation;
import dev.lorikeet.transformer.generation.GenerationSettings;
import dev.lorikeet.transformer.generation.Generator;
import dev.lorikeet.transformer.generation.Prompt;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.metrics.text.Generated;
import dev.lorikeet.transformer.model.EncoderDecoder;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.Completion;
import dev.lorikeet.transformer.task.TaskModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Asks a language model what test examples ask, and scores what it writes. */
public final class Asking {
    private final Recipe.Writing how;
    /** A text, or the messages of a talk, with what may be answered. */
    private final Map<Object, List<String>> questions;

    private Asking(Recipe.Writing how, Map<Object, List<String>> questions) {
        this.how = how;
        this.questions = questions;
    }

    /**
     * What the recipe has the model asked; null where that is nothing. Examples with one prompt are one question, in
     * the order of the first ones: their answers are its references. Of a talk the last answer is asked for.
     *
     * @throws InputException if the model writes nothing, or no talk has an answer
     */
    public static @Nullable Asking of(CommandTask<?, ?, ?> task, Examples<?, ?> test, Recipe recipe) {
        Recipe.Writing how = recipe.writing();
        if (how.most() == 0) {
            return null;
        }
        String flag = RecipeSettings.flag(RecipeSettings.ANSWERS);
        if (!task.isWriting()) {
            throw new InputException(flag + ": goes with prompts and messages, whose answers a language model writes");
        }
        Map<Object, List<String>> questions = new LinkedHashMap<>();
        test.forEach((input, _) -> add(input, questions));
        if (questions.isEmpty()) {
            throw new InputException(flag + ": no talk of " + test.name() + " has an answer");
        }
        questions.keySet().removeAll(questions.keySet().stream().skip(how.most()).toList());
        return new Asking(how, questions);
    }

    private static void add(@Nullable Object input, Map<Object, List<String>> questions) {
        switch (input) {
            case Completion example ->
                questions.computeIfAbsent(example.prompt(), _ -> new ArrayList<>()).add(example.completion());
            case List<?> talk -> {
                for (int i = talk.size() - 1; i > 0; i--) {
                    ChatMessage message = (ChatMessage) talk.get(i);
                    if (message.isAnswer() && message.content() != null) {
                        questions.computeIfAbsent(List.copyOf(talk.subList(0, i)), _ -> new ArrayList<>())
                                .add(message.content());
                        return;
                    }
                }
            }
            case null, default -> throw new IllegalArgumentException("asking: there is no prompt in " + input);
        }
    }

    /** What is asked, as a person reads it: of a talk the message before the answer. */
    public List<Asked> asked() {
        return questions.entrySet().stream().map(each -> new Asked(each.getKey() instanceof List<?> talk
                ? Objects.requireNonNullElse(((ChatMessage) talk.getLast()).content(), "")
                : each.getKey().toString(), each.getValue())).toList();
    }

    /**
     * What the model writes, and how good that is.
     *
     * @param terminal where it shows how far it is
     * @throws InputException if settings contradict one another, or talks have no chat template
     */
    public WrittenAnswers.Written ask(TaskModel<?, ?, ?> model, Terminal terminal) {
        Generator generator = Generator.of(model);
        GenerationSettings settings = how.over(generator.settings());
        List<Prompt> prompts = questions.keySet().stream()
                .map(question -> prompt(question, generator, model, settings.maxNewTokens())).toList();
        long start = System.nanoTime();
        List<Generation> written;
        try (AnsweringProgress progress = new AnsweringProgress(terminal, prompts.size())) {
            written = generator.generate(prompts, settings, progress);
        }
        double seconds = (System.nanoTime() - start) * 1e-9;
        List<String> texts = written.stream().map(Generation::text).toList();
        return new WrittenAnswers.Written(texts, scores(texts),
                written.stream().mapToLong(each -> each.ids().length).sum(), seconds);
    }

    /** What an encoder reads as in training; of what a decoder reads the end, since there has to be room to answer. */
    private static Prompt prompt(Object question, Generator generator, TaskModel<?, ?, ?> model, int newTokens) {
        if (model.backbone() instanceof EncoderDecoder) {
            return Prompt.of(model.model().tokenizer().encode(question.toString(), model.task().most(model.model()))
                    .ids());
        }
        Prompt prompt = question instanceof List<?> talk ? generator.promptWithSpecialTokens(rendered(talk,
                model.model())) : generator.prompt(question.toString());
        int room = Math.max(1, model.backbone().maxTokens() - newTokens);
        int length = prompt.ids().length;
        return length <= room ? prompt : Prompt.of(Arrays.copyOfRange(prompt.ids(), length - room, length));
    }

    private static String rendered(List<?> talk, Model model) {
        ChatTemplate template = model.chatTemplate();
        if (template == null) {
            throw new InputException("the model " + model.id() + " has no chat template, by which it would read talks");
        }
        return template.render(talk.stream().map(ChatMessage.class::cast).toList(), true);
    }

    private Map<String, Double> scores(List<String> texts) {
        List<Generated> all = new ArrayList<>();
        for (List<String> references : questions.values()) {
            all.add(new Generated(texts.get(all.size()), references));
        }
        return ScoreKind.of(how.scores(), all);
    }
}
