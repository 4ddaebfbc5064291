///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25
//DEPS dev.lorikeet:lorikeet-all:0.1.0-SNAPSHOT
//JAVA_OPTIONS --add-modules=jdk.incubator.vector

import dev.lorikeet.lora.AdapterSet;
import dev.lorikeet.lora.peft.Peft;
import dev.lorikeet.transformer.generation.Generator;
import dev.lorikeet.transformer.generation.Prompt;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.TaskModel;

/**
 * Writes on from a text by a language model and by each of several adapters on it, all in one batch: the base is in
 * memory once, and computes once for all of them.
 *
 * <pre>java --add-modules jdk.incubator.vector -cp lorikeet-all.jar Adapters.java smollm2.gguf "a text" first second</pre>
 */
void main(String... arguments) {
    Model model = Model.load(Path.of(arguments[0]));
    TaskModel<?, ?, ?> whole = TaskModel.of(model);
    AdapterSet set = AdapterSet.on(whole.peftRoot());
    List<String> names = new ArrayList<>(List.of(AdapterSet.BASE));
    for (String folder : List.of(arguments).subList(2, arguments.length)) {
        set.add(folder, Peft.read(whole.peftRoot(), Path.of(folder)));
        names.add(folder);
    }
    Generator generator = Generator.of(whole).withAdapters(set::choose, AdapterSet.BASE);
    List<Prompt> prompts = names.stream().map(generator.prompt(arguments[1])::with).toList();
    var texts = generator.generate(prompts, generator.settings().withMaxNewTokens(32), (prompt, token, text) -> true);
    for (int i = 0; i < names.size(); i++) {
        IO.println(names.get(i) + ":" + texts.get(i).text());
    }
}
