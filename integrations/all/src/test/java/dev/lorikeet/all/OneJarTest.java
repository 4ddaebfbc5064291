package dev.lorikeet.all;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.lang.module.ModuleDescriptor;
import java.lang.reflect.AccessFlag;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The jar has all that is ours, little else, and needs the JDK alone. */
class OneJarTest {
    private static final Path ROOT = Path.of(System.getProperty("lorikeet.basedir"));
    private static final long LARGEST = 4 << 20;
    private static final String SHADED = "dev/lorikeet/shaded/";

    @Test
    void itIsSmall() throws IOException {
        assertThat(Files.size(OneJar.PATH)).isLessThanOrEqualTo(LARGEST);
    }

    @Test
    void itHasEveryFileOfTheModules() {
        Set<String> ours = OneJar.PARTS.stream().flatMap(part -> OneJar.files(part).stream())
                .filter(name -> name.startsWith("dev/") || name.startsWith("META-INF/services/"))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(ours).hasSizeGreaterThan(400);
        Set<String> there = OneJar.files().stream()
                .filter(name -> name.startsWith("dev/") && !name.startsWith(SHADED)
                        || name.startsWith("META-INF/services/"))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(there).isEqualTo(ours);
    }

    /** What others wrote is below a name of ours, and none of it is native. */
    @Test
    void whatItHasBesidesIsRelocatedClassesAndLicences() {
        assertThat(OneJar.files()).filteredOn(name -> !name.startsWith("dev/lorikeet/")).allMatch(
                name -> name.equals("module-info.class")
                        || name.matches("META-INF/(MANIFEST.MF|NOTICE|([A-Za-z]+-)*LICENSE|services/dev\\.lorikeet\\..*"
                                + "|maven/.*/pom\\.(properties|xml))"));
        assertThat(OneJar.files()).filteredOn(name -> name.startsWith(SHADED))
                .allMatch(name -> name.matches(SHADED + "(jackson|jspecify)/.*\\.class"));
    }

    @Test
    void itsDescriptorIsThoseOfTheModulesTogether() {
        ModuleDescriptor all = OneJar.MODULE.descriptor();
        List<ModuleDescriptor> parts = OneJar.PARTS.stream().map(part -> part.descriptor()).toList();
        Set<String> inside = parts.stream().map(ModuleDescriptor::name).collect(Collectors.toSet());
        assertThat(all.exports()).filteredOn(exports -> !exports.isQualified())
                .extracting(ModuleDescriptor.Exports::source)
                .containsExactlyInAnyOrderElementsOf(parts.stream().flatMap(part -> part.exports().stream())
                        .filter(exports -> !exports.isQualified()).map(ModuleDescriptor.Exports::source).toList());
        assertThat(all.exports()).filteredOn(ModuleDescriptor.Exports::isQualified)
                .flatExtracting(exports -> exports.targets().stream().map(to -> exports.source() + " " + to).toList())
                .containsExactlyInAnyOrderElementsOf(parts.stream().flatMap(part -> part.exports().stream())
                        .flatMap(exports -> exports.targets().stream().filter(to -> !inside.contains(to))
                                .map(to -> exports.source() + " " + to))
                        .toList());
        assertThat(all.opens()).isEmpty();
        assertThat(all.uses()).isEqualTo(parts.stream().flatMap(part -> part.uses().stream())
                .collect(Collectors.toSet()));
        assertThat(all.provides()).isEqualTo(parts.stream().flatMap(part -> part.provides().stream())
                .collect(Collectors.toSet()));
        assertThat(all.requires()).extracting(ModuleDescriptor.Requires::name)
                .containsExactlyInAnyOrder("java.base", "java.net.http", "jdk.incubator.vector", "jdk.jfr",
                        "jdk.management");
    }

    @Test
    void noClassNeedsAnythingThatIsNotInItOrTheJdk() {
        assertThat(jdeps("--add-modules", "jdk.incubator.vector", "--missing-deps")).isEmpty();
        assertThat(jdeps("--add-modules", "jdk.incubator.vector", "-summary").lines())
                .filteredOn(line -> line.startsWith("dev.lorikeet.all ")).isNotEmpty()
                .allMatch(line -> line.matches("\\S+ -> (java|jdk)\\..*"));
        assertThat(jdeps("--jdk-internals")).isEmpty();
    }

    /** Jackson, which runs on old JDKs, too, has some of what is deprecated, and nothing of what will go. */
    @Test
    @Tag("slow")
    void noClassOfOursUsesWhatIsDeprecated() throws IOException, InterruptedException {
        Process tool = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "jdeprscan").toString(),
                OneJar.PATH.toString()).redirectErrorStream(true).start();
        String said = new String(tool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(tool.waitFor()).as(said).isZero();
        assertThat(said.lines()).first().asString().startsWith("Jar file ");
        assertThat(said.lines().skip(1)).allMatch(line -> line.startsWith("class " + SHADED + "jackson/")
                && line.contains(" uses deprecated ") && !line.contains("forRemoval=true"));
    }

    @Test
    void itHasNoNativeCode() throws IOException {
        List<String> natives = new ArrayList<>();
        for (String name : OneJar.files()) {
            if (name.endsWith(".class")) {
                ClassModel type = ClassFile.of().parse(OneJar.read(name));
                type.methods().stream().filter(method -> method.flags().has(AccessFlag.NATIVE))
                        .forEach(method -> natives.add(name + " " + method.methodName()));
                type.constantPool().forEach(entry -> {
                    if (entry instanceof MemberRefEntry member && isLoading(member)) {
                        natives.add(name + " -> " + member.owner().asInternalName() + "." + member.name());
                    }
                });
            }
        }
        assertThat(natives).isEmpty();
    }

    private static boolean isLoading(MemberRefEntry member) {
        String owner = member.owner().asInternalName();
        return owner.startsWith("java/lang/foreign/Linker") || owner.equals("java/lang/foreign/SymbolLookup")
                || Set.of("java/lang/System", "java/lang/Runtime").contains(owner)
                        && member.name().stringValue().startsWith("load");
    }

    @Test
    void theLicencesOfWhatIsInItAreThere() throws IOException {
        assertThat(OneJar.files()).contains("META-INF/FastDoubleParser-LICENSE",
                "META-INF/FastDoubleParser-ThirdParty-LICENSE", "META-INF/Schubfach-LICENSE");
        assertThat(text("META-INF/LICENSE")).isEqualTo(Files.readString(ROOT.resolve("LICENSE")));
        assertThat(text("META-INF/NOTICE")).startsWith(Files.readString(ROOT.resolve("NOTICE")))
                .contains("# Jackson JSON processor", "## FastDoubleParser", "jspecify");
    }

    /** What an application's build reads beside the jar: the POM that it is installed with. */
    @Test
    void itsPomBringsNothingIn() throws IOException {
        assertThat(OneJar.PATH.resolveSibling("published-pom.xml")).content()
                .contains("<artifactId>lorikeet-all</artifactId>", "<name>Apache-2.0</name>")
                .doesNotContain("<dependency>", "<parent>", "<build>", "<profile>", ROOT.toRealPath().toString());
    }

    private static String text(String name) throws IOException {
        return new String(OneJar.read(name), StandardCharsets.UTF_8);
    }

    /** What the JDK's tool says about the jar. */
    private static String jdeps(String... options) {
        StringWriter said = new StringWriter();
        PrintWriter to = new PrintWriter(said);
        List<String> arguments = new ArrayList<>(Arrays.asList(options));
        arguments.add(OneJar.PATH.toString());
        int status = ToolProvider.findFirst("jdeps").orElseThrow().run(to, to, arguments.toArray(String[]::new));
        assertThat(status).as(said.toString()).isZero();
        return said.toString();
    }
}
