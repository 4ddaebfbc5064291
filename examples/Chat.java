///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25
//DEPS dev.lorikeet:lorikeet-all:0.1.0-SNAPSHOT
//JAVA_OPTIONS --add-modules=jdk.incubator.vector

import dev.lorikeet.transformer.chat.ChatMessage;
import dev.lorikeet.transformer.generation.Generator;
import dev.lorikeet.transformer.model.Model;

/**
 * Talks with a language model that has a chat template, until an empty line:
 *
 * <pre>java --add-modules jdk.incubator.vector -cp lorikeet-all.jar Chat.java smollm2.gguf</pre>
 */
void main(String... arguments) {
    Model model = Model.load(Path.of(arguments[0]));
    Generator generator = Generator.of(model);
    List<ChatMessage> talk = new ArrayList<>();
    for (String said = IO.readln("> "); said != null && !said.isBlank(); said = IO.readln("> ")) {
        talk.add(ChatMessage.user(said));
        var prompt = generator.promptWithSpecialTokens(model.chatTemplate().render(talk, true));
        var answer = generator.generate(List.of(prompt), generator.settings(), (number, token, text) -> {
            IO.print(text);
            return true;
        }).getFirst();
        IO.println();
        talk.add(ChatMessage.assistant(answer.text()));
    }
}
