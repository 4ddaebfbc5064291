package dev.lorikeet.bench.kills;

import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.io.Sha256;
import dev.lorikeet.transformer.training.TrainState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What a run has left, without what clocks have said. */
final class RunContent {
    private RunContent() {}

    /** The files by name: bytes, and of {@code metrics.jsonl} its lines; not the report's pictures of the same. */
    static Map<String, Object> of(Path run) throws IOException {
        Map<String, Object> content = new TreeMap<>();
        try (Stream<Path> files = Files.walk(run)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String name = run.relativize(file).toString();
                if (name.equals("metrics.jsonl")) {
                    content.put(name,
                            Files.readAllLines(file).stream().map(line -> withoutClocks(line, file)).toList());
                } else if (!name.equals("report.html") && !name.startsWith("tensorboard")) {
                    content.put(name, Base64.getEncoder().encodeToString(Files.readAllBytes(file)));
                }
            }
        }
        return content;
    }

    private static Map<String, Object> withoutClocks(String line, Path file) {
        Map<String, Object> fields = new HashMap<>(Json.readLine(line, file, 1));
        fields.keySet().removeIf(key -> key.endsWith("seconds"));
        return fields;
    }

    /** The names of files that differ. */
    static List<String> differences(Map<String, Object> one, Map<String, Object> other) {
        return Stream.concat(one.keySet().stream(), other.keySet().stream()).distinct().sorted()
                .filter(name -> !one.getOrDefault(name, "").equals(other.getOrDefault(name, ""))).toList();
    }

    /** A SHA-256 of all that decides how a run goes on from a state. */
    static String digest(TrainState state) {
        Sha256 digest = new Sha256();
        state.parameters().forEach(digest::add);
        digest.add("best");
        state.bestParameters().forEach(digest::add);
        new TreeMap<>(state.optimizers()).forEach((name, optimizer) -> {
            digest.add(name).add(Long.toString(optimizer.steps()));
            new TreeMap<>(optimizer.tensors()).forEach((key, tensor) -> digest.add(key).add(tensor));
        });
        state.done().steps().forEach(step -> digest.add(step.step() + " " + step.loss() + " " + step.gradientNorm()));
        state.done().validations().forEach(each -> digest.add(each.step() + " " + each.best() + " "
                + each.evaluation().loss() + " " + each.evaluation().metrics()));
        return digest.hex();
    }
}
