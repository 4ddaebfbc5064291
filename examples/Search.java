///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25
//DEPS dev.lorikeet:lorikeet-all:0.1.0-SNAPSHOT
//JAVA_OPTIONS --add-modules=jdk.incubator.vector

import dev.lorikeet.transformer.model.EmbeddingHead;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.Embedder;

/**
 * Finds the lines of a file that mean most nearly what is asked for:
 *
 * <pre>java --add-modules jdk.incubator.vector -cp lorikeet-all.jar Search.java notes.txt "what I look for"</pre>
 */
void main(String... arguments) throws IOException {
    var embedder = Embedder.of(Model.load("all-MiniLM-L6-v2"), EmbeddingHead.Pooling.MEAN, true);
    List<String> lines = Files.readAllLines(Path.of(arguments[0])).stream().filter(line -> !line.isBlank()).toList();
    float[][] vectors = embedder.embed(lines);
    float[] question = embedder.embed(arguments[1]);
    IntStream.range(0, lines.size()).boxed()
            .sorted(Comparator.comparing(i -> -Embedder.cosine(question, vectors[i])))
            .limit(3)
            .forEach(i -> IO.println("%.3f  %s".formatted(Embedder.cosine(question, vectors[i]), lines.get(i))));
}
