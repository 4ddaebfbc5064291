package dev.lorikeet.springai;

import dev.lorikeet.transformer.chat.ChatMessage;
import dev.lorikeet.transformer.chat.ChatTemplate;
import dev.lorikeet.transformer.generation.Generation;
import dev.lorikeet.transformer.generation.GenerationListener;
import dev.lorikeet.transformer.generation.GenerationSettings;
import dev.lorikeet.transformer.generation.Generator;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.TaskModel;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A language model that answers talks. One answer is written at a time, since each takes all cores; the others wait in
 * the order in which they came.
 */
final class Talker {
    private final Model model;
    private final ChatTemplate template;
    private final Generator generator;
    private final ReentrantLock writing = new ReentrantLock(true);

    private Talker(Model model, Generator generator) {
        ChatTemplate own = model.chatTemplate();
        if (own == null) {
            throw new InputException("chat: the model " + model.id() + " has no chat template");
        }
        this.model = model;
        this.template = own;
        this.generator = generator;
    }

    static Talker of(Model model) {
        return new Talker(model, Generator.of(model));
    }

    static Talker of(TaskModel<?, ?, ?> tuned) {
        return new Talker(tuned.model(), Generator.of(tuned));
    }

    Model model() {
        return model;
    }

    /** The model's own, without a limit but that of its positions: an answer ends by itself as a rule. */
    GenerationSettings settings() {
        return generator.settings().withMaxNewTokens(model.backbone().maxTokens());
    }

    Generation answer(List<ChatMessage> talk, GenerationSettings how, GenerationListener listener) {
        var prompt = generator.promptWithSpecialTokens(template.render(talk, true));
        writing.lock();
        try {
            return generator.generate(List.of(prompt), how.with(GenerationSettings.NUM_RETURN_SEQUENCES, 1), listener)
                    .getFirst();
        } finally {
            writing.unlock();
        }
    }

    /** The first token of an answer, where nobody else is answered at the moment. */
    Optional<Generation> probe() {
        if (!writing.tryLock()) {
            return Optional.empty();
        }
        try {
            return Optional.of(answer(List.of(ChatMessage.user("?")), settings().withMaxNewTokens(1),
                    GenerationListener.NONE));
        } finally {
            writing.unlock();
        }
    }

    /** Whether an answer is being written. */
    boolean isWriting() {
        return writing.isLocked();
    }

    /** How many answers wait for their turn. */
    int waiting() {
        return writing.getQueueLength();
    }
}
