package dev.lorikeet.cli.report;

import dev.lorikeet.cli.report.WrittenAnswers.Asked;
import dev.lorikeet.cli.report.WrittenAnswers.Written;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.io.Printable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/** What a language model wrote, in tables: the scores, and some of the texts. */
public final class AnswerTable {
    /** Texts in a report, and how much of each. */
    private static final int SHOWN = 12;
    /** Texts in a terminal. */
    private static final int TOLD = 3;
    private static final int MOST = 600;

    private AnswerTable() {}

    /** A row for each time that the model was asked, under the names of the scores. */
    public static List<List<String>> scores(WrittenAnswers answers) {
        List<List<String>> rows = new ArrayList<>();
        answers.each().forEach((when, written) -> {
            List<Metric> metrics = written.scores().keySet().stream().map(Metric::new).toList();
            if (rows.isEmpty()) {
                rows.add(Stream.concat(Stream.of(""), metrics.stream().map(Metric::title)).toList());
            }
            rows.add(Stream.concat(Stream.of(when), metrics.stream().map(metric -> metric.text(Objects.requireNonNull(
                    written.scores().get(metric.name()))))).toList());
        });
        return rows;
    }

    /** The scores with all texts, as JSON has them. */
    public static Map<String, Object> json(List<Asked> asked, Written written) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("prompts", asked.size());
        written.scores().forEach((name, value) -> json.put(name, Json.number(value)));
        json.put("tokens", written.tokens());
        json.put("seconds", written.seconds());
        List<Map<String, Object>> texts = new ArrayList<>();
        for (int i = 0; i < asked.size(); i++) {
            Map<String, Object> text = asked.get(i).json();
            text.put("answer", written.texts().get(i));
            texts.add(text);
        }
        json.put("texts", texts);
        return json;
    }

    /** The first answers, beside what was expected. */
    public static void tell(List<Asked> asked, Written written, Terminal terminal) {
        for (int i = 0; i < Math.min(TOLD, asked.size()); i++) {
            Asked one = asked.get(i);
            String text = written.texts().get(i).strip();
            boolean same = one.references().stream().anyMatch(reference -> reference.strip().equals(text));
            terminal.line("  " + Printable.of(shortened(one.prompt())));
            terminal.line("    wrote " + Printable.of(answer(text)) + (same ? ", as expected"
                    : ", expected " + Printable.of(shortened(one.references().getFirst()))));
        }
    }

    /** The sections of a page; nothing before the model was asked. */
    static void write(WrittenAnswers answers, Page page) {
        if (answers.each().isEmpty()) {
            return;
        }
        page.columns();
        page.section("Answers", "what the model wrote in answer to "
                + Format.count(answers.asked().size(), "prompt", "prompts") + " of the test examples",
                Page.table(scores(answers), true));
        page.end();
        page.wide("Some answers", "the first prompts of the test examples", texts(answers));
    }

    private static String texts(WrittenAnswers answers) {
        Markup table = new Markup().open("table", "class", "mistakes").open("thead").open("tr").leaf("th", "prompt")
                .leaf("th", "reference");
        answers.each().keySet().forEach(when -> table.leaf("th", when));
        table.close().close().open("tbody");
        for (int i = 0; i < Math.min(SHOWN, answers.asked().size()); i++) {
            Asked asked = answers.asked().get(i);
            table.open("tr").leaf("td", shortened(asked.prompt())).leaf("td", shortened(asked.references().getFirst())
                    + (asked.references().size() == 1 ? ""
                            : " (or "
                                    + Format.count(asked.references().size() - 1, "other", "others") + ")"));
            for (Written written : answers.each().values()) {
                table.leaf("td", answer(written.texts().get(i)));
            }
            table.close();
        }
        return table.close().close().toString();
    }

    /** What was written, as a person reads it: a mark where that is nothing. */
    private static String answer(String text) {
        return text.isBlank() ? Format.NO_ANSWER : shortened(text);
    }

    private static String shortened(String text) {
        String plain = text.strip();
        return plain.codePointCount(0, plain.length()) <= MOST ? plain
                : plain.substring(0, plain.offsetByCodePoints(0, MOST - 1)) + "…";
    }
}
