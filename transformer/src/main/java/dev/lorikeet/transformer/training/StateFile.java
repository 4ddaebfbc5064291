package dev.lorikeet.transformer.training;

import dev.lorikeet.autograd.optim.OptimizerState;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.kernel.FlightRecording;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.io.Sha256;
import dev.lorikeet.transformer.metrics.Evaluation;
import dev.lorikeet.transformer.weights.Safetensors;
import dev.lorikeet.transformer.weights.TensorFile;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A {@link TrainState} on disk, with what its owner wants to know of the run: one safetensors file, which is there
 * whole or not at all. The tensors are the parameters and the optimizers' state; the rest is JSON in the metadata,
 * beside a SHA-256 of all of it.
 */
public final class StateFile {
    private static final int FORMAT = 3;
    private static final String STATE = "state";
    private static final String ABOUT = "about";
    private static final String SHA = "sha256";
    private static final String PARAMETER = "parameter:";
    private static final String BEST = "best:";
    private static final String OPTIMIZER = "optimizer:";

    /**
     * What was read.
     *
     * @param about what the owner wrote beside the state
     */
    public record Saved(TrainState state, JsonObject about) {}

    private StateFile() {}

    /** Whether a file begins as those of {@link #write}, whole or not. */
    public static boolean isState(Path file) {
        byte[] start = "{\"__metadata__\":{\"about\":".getBytes(StandardCharsets.UTF_8);
        if (!Files.isRegularFile(file)) {
            return false;
        }
        try (InputStream in = Files.newInputStream(file)) {
            in.skipNBytes(Long.BYTES); // the length of the header
            return Arrays.equals(in.readNBytes(start.length), start);
        } catch (EOFException e) {
            return false;
        } catch (IOException e) {
            throw new InputException(file, "open", "cannot be read: " + e);
        }
    }

    /**
     * Writes a state; a file that is there is replaced in one step.
     *
     * @param about what else there is to know, as {@link Json#write} takes it
     * @throws InputException if the file cannot be written; an old one is as it was then
     */
    public static void write(Path file, TrainState state, Map<String, Object> about) {
        @Nullable
        CheckpointEvent event = FlightRecording.POSSIBLE ? new CheckpointEvent() : null;
        if (event != null) {
            event.begin();
        }
        Map<String, Tensor> tensors = new TreeMap<>();
        put(tensors, PARAMETER, state.parameters());
        put(tensors, BEST, state.bestParameters());
        Map<String, Object> optimizers = new LinkedHashMap<>();
        state.optimizers().forEach((name, own) -> {
            String prefix = OPTIMIZER + optimizers.size() + ":";
            optimizers.put(name, own.steps());
            own.tensors().forEach((key, tensor) -> tensors.put(prefix + key, tensor));
        });
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("format", FORMAT);
        json.put("parameters", state.parameters().size());
        json.put("best_parameters", state.bestParameters().size());
        json.put("optimizers", optimizers);
        json.put("steps", steps(state.done().steps()));
        List<Validation> validations = state.done().validations();
        json.put("epochs", state.done().epochs().stream().map(epoch -> json(epoch, validations)).toList());
        json.put("validations", validations.stream().map(validation -> json(validation, validation.equals(
                state.done().best()) || validation.equals(validations.getLast()))).toList());
        Map<String, String> texts = new TreeMap<>(Map.of(STATE, Json.writeLine(json), ABOUT, Json.writeLine(about)));
        String digest = digest(texts, tensors);
        texts.put(SHA, digest);
        Safetensors.write(file, tensors, texts);
        if (event != null && event.shouldCommit()) {
            event.commit(state, file);
        }
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws InputException if the file is missing, damaged, or of another version
     */
    public static Saved read(Path file) {
        try (TensorFile open = Safetensors.open(file)) {
            Map<String, Tensor> tensors = new TreeMap<>();
            open.names().forEach(name -> tensors.put(name, open.read(name)));
            Map<String, String> texts = new TreeMap<>(open.metadata());
            String digest = texts.remove(SHA);
            if (digest == null || !texts.containsKey(STATE) || !texts.containsKey(ABOUT)) {
                throw new InputException(file, "__metadata__", "is not that of a run's state");
            }
            JsonObject json = object(file, STATE, texts);
            int format = json.integer("format");
            if (format != FORMAT) {
                throw json.error("format", format + " is not " + FORMAT + ", the one that this version reads");
            }
            if (!digest.equals(digest(texts, tensors))) {
                throw new InputException(file, SHA, "is not that of the content: the file is damaged");
            }
            return new Saved(state(json, tensors), object(file, ABOUT, texts));
        } catch (IllegalArgumentException | ClassCastException | NegativeArraySizeException e) {
            throw new InputException(file, STATE, "is none that a run was ever in: " + e.getMessage());
        }
    }

    private static void put(Map<String, Tensor> tensors, String prefix, List<Tensor> all) {
        for (int i = 0; i < all.size(); i++) {
            tensors.put(prefix + i, all.get(i));
        }
    }

    private static JsonObject object(Path file, String name, Map<String, String> texts) {
        return new JsonObject(file, name, Json.readObject(texts.getOrDefault(name, ""), file));
    }

    private static TrainState state(JsonObject json, Map<String, Tensor> tensors) {
        Map<String, OptimizerState> optimizers = new LinkedHashMap<>();
        JsonObject steps = json.object("optimizers");
        steps.fields().keySet().forEach(name -> {
            String prefix = OPTIMIZER + optimizers.size() + ":";
            Map<String, Tensor> own = new LinkedHashMap<>();
            tensors.forEach((key, tensor) -> {
                if (key.startsWith(prefix)) {
                    own.put(key.substring(prefix.length()), tensor);
                }
            });
            optimizers.put(name, new OptimizerState(steps.integer(name), own));
        });
        List<Validation> validations = json.objects("validations").stream().map(StateFile::validation).toList();
        TrainingResult done = new TrainingResult(steps(json.object("steps")),
                json.objects("epochs").stream().map(epoch -> epoch(epoch, validations)).toList(), validations);
        return new TrainState(done, numbered(json, "parameters", PARAMETER, tensors),
                numbered(json, "best_parameters", BEST, tensors), optimizers);
    }

    /** @param field which says how many there are */
    private static List<Tensor> numbered(JsonObject json, String field, String prefix, Map<String, Tensor> tensors) {
        List<Tensor> all = new ArrayList<>();
        for (int i = 0; i < json.integer(field); i++) {
            Tensor tensor = tensors.get(prefix + i);
            if (tensor == null) {
                throw json.error(field, i + " is missing");
            }
            all.add(tensor);
        }
        return all;
    }

    private static String digest(Map<String, String> texts, Map<String, Tensor> tensors) {
        Sha256 digest = new Sha256();
        texts.forEach((name, text) -> digest.add(name + "\n" + text));
        tensors.forEach((name, tensor) -> digest.add(name + " " + tensor.shape() + "\n").add(tensor));
        return digest.hex();
    }

    /** A list for each field: a run may have a million steps. */
    private static Map<String, Object> steps(List<Step> steps) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("epoch", steps.stream().map(Step::epoch).toList());
        json.put("steps", steps.stream().map(Step::steps).toList());
        json.put("loss", steps.stream().map(step -> Json.number(step.loss())).toList());
        json.put("gradient_norm", steps.stream().map(step -> Json.number(step.gradientNorm())).toList());
        json.put("rate", steps.stream().map(Step::rate).toList());
        json.put("tokens", steps.stream().map(Step::tokens).toList());
        json.put("seconds", steps.stream().map(step -> (float) step.seconds()).toList());
        return json;
    }

    private static List<Step> steps(JsonObject json) {
        int count = json.list("loss").size();
        List<Step> steps = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            steps.add(new Step(i + 1, integer(json, "epoch", i), integer(json, "steps", i), number(json, "loss", i),
                    number(json, "gradient_norm", i), number(json, "rate", i), integer(json, "tokens", i),
                    number(json, "seconds", i)));
        }
        return steps;
    }

    private static int integer(JsonObject json, String field, int i) {
        double number = number(json, field, i);
        if (number != (int) number || number < 0) {
            throw json.error(field, "has no whole number of step " + (i + 1));
        }
        return (int) number;
    }

    private static double number(JsonObject json, String field, int i) {
        List<?> all = json.list(field);
        if (i >= all.size()) {
            throw json.error(field, "has no number of step " + (i + 1));
        }
        return json.anyNumber(all.get(i), field);
    }

    /** The evaluation of an epoch is one of the validations, and stands there. */
    private static Map<String, @Nullable Object> json(Epoch epoch, List<Validation> validations) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("epoch", epoch.epoch());
        json.put("epochs", epoch.epochs());
        json.put("train_loss", Json.number(epoch.trainLoss()));
        json.put("seconds", epoch.trainSeconds());
        json.put("tokens", epoch.tokens());
        if (epoch.evaluation() != null) {
            int which = validations.stream().map(Validation::evaluation).toList().indexOf(epoch.evaluation());
            if (which < 0) {
                throw new IllegalArgumentException("state: the evaluation of epoch " + epoch.epoch()
                        + " is none of the validations");
            }
            json.put("validation", which);
        }
        return json;
    }

    private static Epoch epoch(JsonObject json, List<Validation> validations) {
        Evaluation evaluation = null;
        if (json.has("validation")) {
            int which = json.integer("validation");
            if (which < 0 || which >= validations.size()) {
                throw json.error("validation", "there is no number " + which);
            }
            evaluation = validations.get(which).evaluation();
        }
        return new Epoch(json.integer("epoch"), json.integer("epochs"),
                json.anyNumber("train_loss"), evaluation, json.number("seconds"),
                (long) json.number("tokens"));
    }

    /** @param detailed whether with what there is to see beside numbers, which may be much: nobody looks back for it */
    private static Map<String, @Nullable Object> json(Validation validation, boolean detailed) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("step", validation.step());
        json.put("epoch", validation.epoch());
        json.put("best", validation.best());
        json.put("evaluation", json(validation.evaluation(), detailed));
        return json;
    }

    private static Validation validation(JsonObject json) {
        return new Validation(json.integer("step"), json.integer("epoch"), evaluation(json.object("evaluation")),
                json.flag("best"));
    }

    private static Map<String, @Nullable Object> json(Evaluation evaluation, boolean detailed) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("loss", Json.number(evaluation.loss()));
        Map<String, Object> metrics = new LinkedHashMap<>();
        evaluation.metrics().forEach((name, value) -> metrics.put(name, Json.number(value)));
        json.put("metrics", metrics);
        json.put("details", detailed ? DetailsJson.write(evaluation.details()) : null);
        return json;
    }

    private static Evaluation evaluation(JsonObject json) {
        Map<String, Double> metrics = new LinkedHashMap<>();
        JsonObject named = json.object("metrics");
        named.fields().forEach((name, value) -> metrics.put(name, named.anyNumber(name)));
        return new Evaluation(json.anyNumber("loss"), metrics,
                json.has("details") ? DetailsJson.read(json.object("details")) : null);
    }
}
