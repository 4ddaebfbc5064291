///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25
//DEPS dev.lorikeet:lorikeet-all:0.1.0-SNAPSHOT
//JAVA_OPTIONS --add-modules=jdk.incubator.vector

import dev.lorikeet.transformer.task.TaskModel;

/**
 * Tells the class of each text by a model that FineTune.java left, or {@code lorikeet finetune}:
 *
 * <pre>java --add-modules jdk.incubator.vector -cp lorikeet-all.jar Classify.java out "a text" "another"</pre>
 */
void main(String... arguments) {
    var model = TaskModel.load(Path.of(arguments[0])).asClassifier();
    for (String text : List.of(arguments).subList(1, arguments.length)) {
        var best = model.predict(text).getFirst();
        IO.println("%-20s %.3f  %s".formatted(best.label(), best.probability(), text));
    }
}
