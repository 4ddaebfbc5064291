package dev.lorikeet.cli.task;

import dev.lorikeet.cli.report.Format;
import dev.lorikeet.cli.report.Mistake;
import dev.lorikeet.transformer.metrics.Answered;
import dev.lorikeet.transformer.metrics.Classified;
import dev.lorikeet.transformer.metrics.Entities;
import dev.lorikeet.transformer.metrics.Entities.Entity;
import dev.lorikeet.transformer.metrics.Fit;
import dev.lorikeet.transformer.metrics.Labelled;
import dev.lorikeet.transformer.metrics.Retrieved;
import dev.lorikeet.transformer.metrics.Tagged;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Answers that were wrong, those from which most is to be learned first. */
final class Mistakes {
    private static final int MOST = 12;
    /** Of examples of a class that were taken for another. */
    private static final int OF_A_PAIR = 3;
    private static final int PAIRS = 15;

    private Mistakes() {}

    /** Of the most frequent confusions, the examples of which the model was surest. */
    static List<Mistake> of(Classified said, List<String> labels, IntFunction<String> text) {
        Map<List<Integer>, List<Integer>> pairs = new HashMap<>();
        for (int i = 0; i < said.actual().length; i++) {
            if (!said.isRight(i)) {
                pairs.computeIfAbsent(List.of(said.actual()[i], said.said()[i]), _ -> new ArrayList<>()).add(i);
            }
        }
        List<Mistake> mistakes = new ArrayList<>();
        pairs.entrySet().stream() // in the order in which the report has the confusions
                .sorted(Comparator
                        .comparingInt((Map.Entry<List<Integer>, List<Integer>> pair) -> -pair.getValue().size())
                        .thenComparingInt(pair -> pair.getKey().getFirst())
                        .thenComparingInt(pair -> pair.getKey().getLast()))
                .limit(PAIRS).map(Map.Entry::getValue)
                .forEach(own -> own.stream().sorted(Comparator.comparingDouble(i -> -said.confidence()[i]))
                        .limit(OF_A_PAIR).forEach(i -> mistakes.add(new Mistake(text.apply(i),
                                labels.get(said.actual()[i]), labels.get(said.said()[i]), said.confidence()[i]))));
        return mistakes;
    }

    /** The examples with the most labels too many or too few. */
    static List<Mistake> of(Labelled said, IntFunction<String> text) {
        boolean[][] told = said.said();
        return worst(told.length, i -> IntStream.range(0, told[i].length)
                .filter(label -> told[i][label] != said.actual()[i][label]).count(),
                i -> new Mistake(text.apply(i),
                        names(said.labels(), said.actual()[i]), names(said.labels(), told[i]), Double.NaN));
    }

    private static String names(List<String> labels, boolean[] has) {
        List<String> own = IntStream.range(0, has.length).filter(i -> has[i]).mapToObj(labels::get).toList();
        return own.isEmpty() ? "none" : String.join(", ", own);
    }

    /** The examples whose numbers are furthest from the true ones, each measured by how much it differs. */
    static List<Mistake> of(Fit fit, IntFunction<String> text) {
        int n = fit.names().size();
        double[] spread = IntStream.range(0, n).mapToDouble(name -> spread(fit.actual(name))).toArray();
        return worst(fit.actual().length / n, i -> IntStream.range(0, n)
                .mapToDouble(name -> Math.abs(fit.predicted()[i * n + name] - fit.actual()[i * n + name])
                        / spread[name])
                .max().orElse(0),
                i -> new Mistake(text.apply(i), numbers(fit, fit.actual(), i), numbers(fit, fit
                        .predicted(), i), Double.NaN));
    }

    private static double spread(float[] values) {
        double low = IntStream.range(0, values.length).mapToDouble(i -> values[i]).min().orElse(0);
        double high = IntStream.range(0, values.length).mapToDouble(i -> values[i]).max().orElse(1);
        return high > low ? high - low : 1;
    }

    private static String numbers(Fit fit, float[] all, int example) {
        int n = fit.names().size();
        if (n == 1) {
            return Format.number(all[example]);
        }
        List<String> own = IntStream.range(0, n)
                .mapToObj(name -> fit.names().get(name) + " " + Format.number(all[example * n + name])).toList();
        return String.join(", ", own);
    }

    /** The pairs whose place among all by the cosine is furthest from that by the score. */
    static List<Mistake> ofSimilarities(Fit fit, IntFunction<String> text) {
        int[] byScore = places(fit.actual());
        int[] byCosine = places(fit.predicted());
        return worst(byScore.length, i -> Math.abs(byScore[i] - byCosine[i]), i -> new Mistake(text.apply(i), "score "
                + Format.number(fit.actual()[i]), "cosine " + Format.number(fit.predicted()[i]), Double.NaN));
    }

    private static int[] places(float[] values) {
        int[] places = new int[values.length];
        int next = 0;
        for (int i : IntStream.range(0, values.length).boxed().sorted(Comparator.comparingDouble(i -> values[i]))
                .toList()) {
            places[i] = next++;
        }
        return places;
    }

    /** The sentences with the most words that have another tag; the entities, or the words and tags, of those alone. */
    static List<Mistake> of(Tagged said, IntFunction<List<String>> words) {
        return worst(said.actual().size(), i -> wrong(said, i).size(), i -> {
            List<Integer> wrong = wrong(said, i);
            List<String> own = words.apply(i);
            boolean aligned = own.size() == said.actual().get(i).size(); // else some words have no tag to tell
            if (aligned && said.areEntities()) {
                Set<Entity> actual = new LinkedHashSet<>(Entities.of(said.actual().get(i)));
                Set<Entity> told = new LinkedHashSet<>(Entities.of(said.said().get(i)));
                return new Mistake(String.join(" ", own), entities(actual, told, own), entities(told, actual, own),
                        Double.NaN);
            }
            return new Mistake(String.join(" ", own), told(said.actual().get(i), wrong, aligned ? own : null),
                    told(said.said().get(i), wrong, aligned ? own : null), Double.NaN);
        });
    }

    /** Those that the others have not, in their words. */
    private static String entities(Set<Entity> all, Set<Entity> others, List<String> words) {
        List<String> own = all.stream().filter(entity -> !others.contains(entity))
                .map(entity -> String.join(" ", words.subList(entity.from(), entity.to())) + " (" + entity.type() + ")")
                .toList();
        return own.isEmpty() ? "nothing more" : String.join(", ", own);
    }

    private static List<Integer> wrong(Tagged said, int sentence) {
        List<String> actual = said.actual().get(sentence);
        return IntStream.range(0, actual.size())
                .filter(word -> !actual.get(word).equals(said.said().get(sentence).get(word))).boxed().toList();
    }

    private static String told(List<String> tags, List<Integer> wrong, @Nullable List<String> words) {
        return String.join(", ", wrong.stream().map(i -> (words == null ? "" : words.get(i) + " ") + tags.get(i))
                .toList());
    }

    /** The texts that are most nearer to another than to their partner. */
    static List<Mistake> of(Retrieved found, IntFunction<List<String>> texts) {
        return worst(found.examples().length, i -> Math.max(0, found.nearest()[i] - found.partner()[i]), i -> {
            List<String> own = texts.apply(found.examples()[i]);
            String nearest = texts.apply(found.nearestExamples()[i]).get(found.nearestTexts()[i]);
            return new Mistake(own.getFirst(), own.get(1) + " (" + Format.number(found.partner()[i]) + ")", nearest
                    + " (" + Format.number(found.nearest()[i]) + ")", Double.NaN);
        });
    }

    /** The questions whose answers have the fewest right words. */
    static List<Mistake> of(Answered said, IntFunction<String> question) {
        return worst(said.said().size(), i -> 1 - said.f1(i), i -> new Mistake(question.apply(i),
                said.actual().get(i).isEmpty() ? Format.NO_ANSWER
                        : String.join(" | ", said.actual().get(i).stream().distinct().toList()),
                said.said().get(i).isEmpty() ? Format.NO_ANSWER : said.said().get(i), Double.NaN));
    }

    /** Those of so many that are more than not wrong at all, the worst first. */
    private static List<Mistake> worst(int count, IntToDoubleFunction howWrong, IntFunction<Mistake> mistake) {
        Map<Integer, Double> wrong = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            double own = howWrong.applyAsDouble(i);
            if (own > 0) {
                wrong.put(i, own);
            }
        }
        return wrong.entrySet().stream().sorted(Map.Entry.<Integer, Double>comparingByValue().reversed()).limit(MOST)
                .map(each -> mistake.apply(each.getKey())).toList();
    }
}
