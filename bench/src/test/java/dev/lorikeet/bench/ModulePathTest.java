package dev.lorikeet.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.lang.module.ModuleDescriptor;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The libraries work as modules, where an application sees what is meant for it and nothing else. */
@Tag("slow")
class ModulePathTest {
    private static final Path ROOT = Path.of(System.getProperty("lorikeet.basedir"));
    private static final String PATH = ProductModules.PATH.stream().map(Path::toString)
            .collect(Collectors.joining(File.pathSeparator));

    @TempDir
    private Path directory;

    /** All that it names is exported, by the one module that it requires and those behind it. */
    @Test
    void theReadmesExampleCompilesAsAModule() throws IOException {
        assertThat(compile(example())).isEmpty();
    }

    /** The example without its training, and what else is found through a service or a jar that is no module. */
    @Test
    void anApplicationRunsOnTheModulePath() throws IOException, InterruptedException {
        assertThat(compile(example().replaceFirst("(?m)^Trainer\\..*$", "") + """
                System.out.println(Model.class.getModule());
                System.out.println(ComputeProvider.all().getFirst().name());
                System.out.println(WordNetGlosses.split(1).train().labels().size() + " labels");
                """)).isEmpty();
        for (String part : List.of("train.tsv", "test.tsv")) {
            Files.writeString(directory.resolve(part), "text\tlabel\na young cat\tanimal\na fern\tplant\n");
        }
        Path err = directory.resolve("err");
        // The class path has the libraries, too; a package that a module has is taken from the module.
        ProcessBuilder java = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules", "jdk.incubator.vector", "-p", PATH + File.pathSeparator + directory.resolve("app"),
                "-cp", System.getProperty("java.class.path"), "-m", "app/app.Main")
                .directory(directory.toFile()).redirectError(err.toFile());
        java.environment().put("LORIKEET_CACHE", directory.resolve("cache").toString());
        java.environment().put("PATH", ""); // no Maven, which would fetch a model that is not found
        Process process = java.start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(Files.readString(err)).isZero();
        assertThat(out.lines().toList()).satisfiesExactly(
                prediction -> assertThat(prediction).matches("(animal|plant) 0\\.\\d+"),
                module -> assertThat(module).startsWith("module dev.lorikeet.transformer"),
                provider -> assertThat(provider).isEqualTo("TornadoVM"),
                labels -> assertThat(labels).isEqualTo("24 labels"));
    }

    private static String example() throws IOException {
        String readme = Files.readString(ROOT.resolve("README.md"));
        String begin = "<!-- example -->\n```java\n";
        return readme.substring(readme.indexOf(begin) + begin.length(), readme.indexOf("```\n<!-- /example -->"));
    }

    @Test
    void anApplicationReadsWhatIsExportedAndNothingElse() throws Exception {
        assertThat(compile("")).isEmpty();
        ModuleLayer layer = ProductModules.layer("app", directory.resolve("app"));
        Module app = layer.findModule("app").orElseThrow();
        for (String name : ProductModules.NAMES) {
            ModuleDescriptor descriptor = ProductModules.descriptor(name);
            Module module = layer.findModule(descriptor.name()).orElseThrow();
            assertThat(app.canRead(module)).as(module.getName()).isTrue();
            List<String> packages = ProductModules.exported(descriptor, true);
            assertThat(packages).isNotEmpty();
            for (String exported : packages) {
                assertThat(module.isExported(exported, app)).as(exported).isTrue();
                for (String type : ProductModules.classes(descriptor, exported)) {
                    assertThat(layer.findLoader("app").loadClass(type).getDeclaredMethods()).isNotNull();
                }
            }
        }
    }

    @Test
    void anApplicationIsRefusedTheInternals() throws IOException {
        List<String> internals = ProductModules.NAMES.stream().map(ProductModules::descriptor)
                .flatMap(module -> ProductModules.exported(module, false).stream()).toList();
        assertThat(internals).containsExactly("dev.lorikeet.tensor.kernel", "dev.lorikeet.tensor.linalg",
                "dev.lorikeet.tensor.packed", "dev.lorikeet.transformer.primitive");
        for (String internal : internals) {
            assertThat(compile("", "import " + internal + ".*;"))
                    .extracting(Diagnostic::getCode, found -> found.getMessage(null).lines().findFirst().orElse(""))
                    .containsExactly(tuple("compiler.err.package.not.visible",
                            "package " + internal + " is not visible"));
        }
    }

    /**
     * Compiles an application, a module that requires lora alone, into {@code app}.
     *
     * @param body of its main method
     * @return errors
     */
    private List<Diagnostic<? extends JavaFileObject>> compile(String body, String... imports) throws IOException {
        Path module = Files.writeString(directory.resolve("module-info.java"),
                "module app { requires dev.lorikeet.lora; }");
        Path main = Files.writeString(directory.resolve("Main.java"), """
                package app;
                import module java.base;
                import module dev.lorikeet.lora;
                %s
                class Main {
                    static void main() {
                        %s
                    }
                }
                """.formatted(String.join("\n", imports), body));
        JavaCompiler javac = ToolProvider.getSystemJavaCompiler();
        DiagnosticCollector<JavaFileObject> found = new DiagnosticCollector<>();
        try (StandardJavaFileManager files = javac.getStandardFileManager(found, null, null)) {
            List<String> options = List.of("-proc:none", "-d", directory.resolve("app").toString(), "-p", PATH);
            javac.getTask(new StringWriter(), files, found, options, null, files.getJavaFileObjects(module, main))
                    .call();
        }
        return found.getDiagnostics().stream()
                .<Diagnostic<? extends JavaFileObject>>map(each -> each)
                .filter(each -> each.getKind() == Diagnostic.Kind.ERROR).toList();
    }
}
