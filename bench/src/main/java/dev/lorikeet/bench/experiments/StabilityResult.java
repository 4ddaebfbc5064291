package dev.lorikeet.bench.experiments;

import dev.lorikeet.bench.experiments.RankStability.Row;
import dev.lorikeet.lora.Lora;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.tensor.Random;
import dev.lorikeet.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** What {@link RankStability} finds for both scalings, and whether it is what the theorem says. */
record StabilityResult(List<Row> lora, List<Row> rslora) {
    private static final Map<String, ToDoubleFunction<Row>> QUANTITIES = new LinkedHashMap<>();

    static {
        QUANTITIES.put("forward", Row::forward);
        QUANTITIES.put("backward", Row::backward);
        QUANTITIES.put("gradient", Row::gradient);
        QUANTITIES.put("forward5", Row::forward5);
        QUANTITIES.put("backward5", Row::backward5);
    }

    StabilityResult {
        lora = List.copyOf(lora);
        rslora = List.copyOf(rslora);
    }

    /** The experiment with numbers of our own generator, and A as Kaiming's initialization has it. */
    static StabilityResult measure() {
        RankStability probe = new RankStability(uniform("x"), uniform("v"), Lora::attach);
        return new StabilityResult(probe.rows(LoraConfig.lora().alpha(RankStability.ALPHA), RankStability.RANKS),
                probe.rows(LoraConfig.rslora().alpha(RankStability.ALPHA), RankStability.RANKS));
    }

    private static Tensor uniform(String name) {
        Tensor x = Tensor.zeros(1, RankStability.SIZE);
        Random.fillUniform(x, 1, Random.key(1, name));
        return x;
    }

    /** The slopes by {@code <method>.<quantity>}, for example {@code rslora.forward}. */
    Map<String, Double> slopes() {
        Map<String, Double> slopes = new LinkedHashMap<>();
        QUANTITIES.forEach((name, of) -> slopes.put("rslora." + name, RankStability.slope(rslora, of)));
        QUANTITIES.forEach((name, of) -> slopes.put("lora." + name, RankStability.slope(lora, of)));
        return slopes;
    }

    /** What is not as the theorem says, one sentence each. */
    List<String> problems() {
        List<String> problems = new ArrayList<>();
        slopes().forEach((name, slope) -> {
            boolean gradient = name.endsWith(".gradient");
            boolean rank = name.startsWith("rslora.");
            double most = gradient ? rank ? 0.05 : -0.45 : rank ? 0.1 : -0.8;
            double least = gradient ? rank ? -0.05 : -0.55 : rank ? -0.1 : Double.NEGATIVE_INFINITY;
            if (!(slope >= least && slope <= most)) {
                problems.add(format("the slope %s is %+.3f, which is not in [%s, %s]", name, slope, least, most));
            }
        });
        return problems;
    }

    /** What the command prints and keeps. */
    String text() {
        StringBuilder out = new StringBuilder();
        out.append(
                format("y = s·B·A·x with d = %d, alpha %.0f, plain gradient descent, means over %d initializations%n",
                        RankStability.SIZE, RankStability.ALPHA, RankStability.INITIALIZATIONS));
        out.append("""
                gradient: the norm of B's at the start; forward and backward: what one step makes of the output along v,
                and of the input's gradient along x, for each unit of the rate; 5: the same after five small steps
                """);
        table(out, "LoRA, s = alpha/r", lora);
        table(out, "rsLoRA, s = alpha/√r", rslora);
        return out.toString();
    }

    private void table(StringBuilder out, String title, List<Row> rows) {
        out.append(format("%n%-21s", title));
        QUANTITIES.keySet().forEach(name -> out.append(format("%12s", name)));
        for (Row row : rows) {
            out.append(format("%n%21s", "rank " + row.rank()));
            QUANTITIES.values().forEach(of -> out.append(format("%12.4g", of.applyAsDouble(row))));
        }
        out.append(format("%n%21s", "slope"));
        QUANTITIES.values().forEach(of -> out.append(format("%+12.3f", RankStability.slope(rows, of))));
        out.append(format("%n"));
    }

    /** As {@link dev.lorikeet.transformer.io.Json} writes it: the slopes, and the rows behind them. */
    Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>(slopes());
        json.put("d", RankStability.SIZE);
        json.put("alpha", RankStability.ALPHA);
        json.put("initializations", RankStability.INITIALIZATIONS);
        json.put("lora.rows", rows(lora));
        json.put("rslora.rows", rows(rslora));
        return json;
    }

    private static List<Map<String, Object>> rows(List<Row> rows) {
        return rows.stream().map(row -> {
            Map<String, Object> map = new LinkedHashMap<>();
            map.put("rank", row.rank());
            QUANTITIES.forEach((name, of) -> map.put(name, of.applyAsDouble(row)));
            return map;
        }).toList();
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
