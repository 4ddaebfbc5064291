package dev.lorikeet.transformer.metrics;

import dev.lorikeet.transformer.metrics.ClassScores.Score;
import dev.lorikeet.transformer.metrics.Entities.Entity;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * How well entities are found, as seqeval's {@code precision_recall_fscore_support} has it: one is right if its type,
 * its first and its last token are. What is divided by nothing is 0.
 *
 * @param each by the names of the types that an entity has or was said to have, in their order
 * @param micro of all entities together: the F1 that CoNLL's shared tasks report
 * @param macro the mean of the types; its support, as that of the weighted mean, is the number of all entities
 * @param weighted the same, each type as often as entities have it
 */
public record EntityScores(Map<String, Score> each, Score micro, Score macro, Score weighted) {

    public EntityScores {
        each = Collections.unmodifiableMap(new LinkedHashMap<>(each));
    }

    /**
     * The scores of what a model said of sentences.
     *
     * @param actual the true tags of each sentence, as {@link Entities} reads them
     * @param predicted the tags that were said, in the same order
     * @param strict whether only entities of the scheme IOB2 count, {@link Entities#strict}, and not
     *     {@link Entities#of}
     * @throws IllegalArgumentException if the numbers of sentences or of a sentence's tags differ, or a tag is none
     */
    public static EntityScores of(List<List<String>> actual, List<List<String>> predicted, boolean strict) {
        if (actual.size() != predicted.size()) {
            throw new IllegalArgumentException("entity scores: " + actual.size() + " sentences with true tags for "
                    + predicted.size() + " with predicted ones");
        }
        Map<String, Hits> types = new TreeMap<>();
        for (int i = 0; i < actual.size(); i++) {
            List<String> tags = actual.get(i);
            if (tags.size() != predicted.get(i).size()) {
                throw new IllegalArgumentException("entity scores: " + tags.size() + " true tags of sentence " + i
                        + " for " + predicted.get(i).size() + " predicted ones");
            }
            Set<Entity> truth = new HashSet<>(entities(tags, strict));
            Set<Entity> said = new HashSet<>(entities(predicted.get(i), strict));
            Set<Entity> either = new HashSet<>(truth);
            either.addAll(said);
            for (Entity entity : either) {
                types.computeIfAbsent(entity.type(), _ -> new Hits())
                        .add(said.contains(entity), truth.contains(entity));
            }
        }
        Hits all = new Hits();
        Map<String, Score> each = new LinkedHashMap<>();
        types.forEach((type, hits) -> {
            all.add(hits);
            each.put(type, hits.score());
        });
        return new EntityScores(each, all.score(), Score.mean(each.values(), _ -> 1),
                Score.mean(each.values(), Score::support));
    }

    private static List<Entity> entities(List<String> tags, boolean strict) {
        return strict ? Entities.strict(tags) : Entities.of(tags);
    }
}
