package dev.lorikeet.transformer.task;

import dev.lorikeet.transformer.io.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * What lies in a run's files: the kinds of tasks, and the forms of what is attached. A value: whoever has more passes
 * {@code standard().with(mine)}, on saving and on loading.
 *
 * @param tasks by {@link Task#kind}, how a task is made again of its {@code task.json}; an
 *     {@link IllegalArgumentException} there is a wrong file
 * @param attachments the first that reads or writes one does
 */
public record TaskFiles(Map<String, Function<JsonObject, Task<?, ?, ?>>> tasks, List<AttachmentFormat> attachments) {
    public TaskFiles {
        tasks = Map.copyOf(tasks);
        attachments = List.copyOf(attachments);
    }

    /** The tasks of this library, and the attachments that {@link AttachmentFormat#standard} finds. */
    public static TaskFiles standard() {
        return new TaskFiles(Tasks.KINDS, AttachmentFormat.standard());
    }

    /** These and one more kind of task, which stands in for one of the same name. */
    public TaskFiles with(String kind, Function<JsonObject, Task<?, ?, ?>> reader) {
        Map<String, Function<JsonObject, Task<?, ?, ?>>> more = new TreeMap<>(tasks);
        more.put(kind, reader);
        return new TaskFiles(more, attachments);
    }

    /** These and one more form of attachments, which is asked first. */
    public TaskFiles with(AttachmentFormat format) {
        List<AttachmentFormat> more = new ArrayList<>(List.of(format));
        more.addAll(attachments);
        return new TaskFiles(tasks, more);
    }
}
