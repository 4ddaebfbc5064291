package dev.lorikeet.transformer.weights;

import dev.lorikeet.transformer.io.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

import org.jspecify.annotations.Nullable;

/** The jar of a built-in model: on the class path, or fetched by Maven, which knows the user's mirrors and proxies. */
final class ModelArtifact implements AutoCloseable {
    private static final String COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.11.0:copy";

    /** A class would look in its own module alone. */
    private static final ClassLoader LOADER = ModelArtifact.class.getClassLoader();

    private final BuiltInModels.BuiltIn model;
    private final @Nullable ZipFile fetched;

    private ModelArtifact(BuiltInModels.BuiltIn model, @Nullable ZipFile fetched) {
        this.model = model;
        this.fetched = fetched;
    }

    /** @param scratch a directory for the jar, where it has to be fetched */
    static ModelArtifact open(BuiltInModels.BuiltIn model, Path scratch) throws IOException {
        if (LOADER.getResource(model.resource() + ".onnx") != null) {
            return new ModelArtifact(model, null);
        }
        boolean windows = System.getProperty("os.name", "").toLowerCase(Locale.ROOT).startsWith("windows");
        return new ModelArtifact(model, new ZipFile(fetch(model, scratch, windows ? "mvn.cmd" : "mvn").toFile()));
    }

    InputStream read(String name) throws IOException {
        InputStream content = fetched == null ? LOADER.getResourceAsStream(name) : read(fetched, name);
        if (content == null) {
            throw new InputException("model " + model.name() + ": there is no " + name + " in " + model.artifact());
        }
        return content;
    }

    private static @Nullable InputStream read(ZipFile jar, String name) throws IOException {
        ZipEntry entry = jar.getEntry(name);
        return entry == null ? null : jar.getInputStream(entry);
    }

    /** @param command what starts Maven */
    static Path fetch(BuiltInModels.BuiltIn model, Path scratch, String command) throws IOException {
        Path log = scratch.resolve("maven.log");
        ProcessBuilder maven = new ProcessBuilder(command, "-q", "-B", COPY,
                "-Dartifact=" + model.artifact(), "-DoutputDirectory=" + scratch.toAbsolutePath())
                .directory(scratch.toFile()).redirectErrorStream(true).redirectOutput(log.toFile());
        String problem;
        try {
            int status = maven.start().waitFor();
            String[] parts = model.artifact().split(":", -1);
            Path jar = scratch.resolve(parts[1] + "-" + parts[2] + ".jar");
            if (status == 0 && Files.exists(jar)) {
                return jar;
            }
            problem = "mvn failed with status " + status + firstError(log);
        } catch (IOException e) {
            problem = "mvn cannot be started";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            problem = "interrupted";
        }
        throw new InputException("model " + model.name() + ": " + model.artifact()
                + " is not on the class path, and Maven could not fetch it: " + problem);
    }

    private static String firstError(Path log) throws IOException {
        return new String(Files.readAllBytes(log), StandardCharsets.UTF_8).lines()
                .filter(line -> line.startsWith("[ERROR]")).findFirst()
                .map(line -> ", " + line.substring("[ERROR]".length()).strip()).orElse("");
    }

    @Override
    public void close() throws IOException {
        if (fetched != null) {
            fetched.close();
        }
    }
}
