package dev.lorikeet.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import dev.lorikeet.transformer.io.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeElement;
import java.lang.classfile.Instruction;
import java.lang.classfile.MethodModel;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.LoadInstruction;
import java.lang.classfile.instruction.LocalVariable;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What people read has no lists and maps as Java writes them, {@code [a, b]} and {@code {a=1}}: where texts are joined,
 * the compiler makes a text of each other value by {@code String.valueOf}, right behind what gives the value.
 */
class MessagesTest {
    /** Methods that tell something have a call of one of these names. */
    private static final Set<String> TOLD = Set.of("error", "refused", "line", "lines", "field", "row", "warning");

    @Test
    void listsAndMapsAreWrittenForPeople() throws IOException {
        ProductClasses.assertFound();
        List<String> found = new ArrayList<>();
        for (JavaClass each : ProductClasses.ALL) {
            try (InputStream in = each.getSource().orElseThrow().getUri().toURL().openStream()) {
                ClassFile.of().parse(in.readAllBytes()).methods().stream().filter(MessagesTest::tells)
                        .filter(MessagesTest::joinsCollections)
                        .forEach(method -> found.add(each.getName() + "." + method.methodName().stringValue()));
            }
        }
        assertThat(found).isEmpty();
    }

    private static Stream<CodeElement> code(MethodModel method) {
        return method.code().stream().flatMap(code -> code.elementStream());
    }

    private static boolean tells(MethodModel method) {
        return code(method).anyMatch(element -> element instanceof InvokeInstruction call
                && (call.owner().asSymbol().equals(InputException.class.describeConstable().orElseThrow())
                        || TOLD.contains(call.name().stringValue())));
    }

    private static boolean joinsCollections(MethodModel method) {
        List<LocalVariable> variables = code(method).filter(LocalVariable.class::isInstance)
                .map(LocalVariable.class::cast).toList();
        List<CodeElement> instructions = code(method).filter(Instruction.class::isInstance).toList();
        for (int i = 1; i < instructions.size(); i++) {
            if (makesText(instructions.get(i)) && given(instructions.get(i - 1), variables)
                    .anyMatch(MessagesTest::isCollection)) {
                return true;
            }
        }
        return false;
    }

    private static boolean makesText(CodeElement element) {
        return element instanceof InvokeInstruction call && call.name().equalsString("valueOf")
                && call.owner().asSymbol().equals(ConstantDescs.CD_String)
                && call.typeSymbol().parameterType(0).equals(ConstantDescs.CD_Object);
    }

    /** The type of what an instruction gives; of a variable those of all that share its place. */
    private static Stream<ClassDesc> given(CodeElement element, List<LocalVariable> variables) {
        return switch (element) {
            case InvokeInstruction call -> Stream.of(call.typeSymbol().returnType());
            case FieldInstruction field -> Stream.of(field.typeSymbol());
            case LoadInstruction load -> variables.stream().filter(variable -> variable.slot() == load.slot())
                    .map(LocalVariable::typeSymbol);
            default -> Stream.empty();
        };
    }

    private static boolean isCollection(ClassDesc type) {
        if (!type.isClassOrInterface() || !type.packageName().equals("java.util")) {
            return false;
        }
        try {
            Class<?> own = Class.forName("java.util." + type.displayName());
            return Collection.class.isAssignableFrom(own) || Map.class.isAssignableFrom(own);
        } catch (ClassNotFoundException e) {
            return false; // one that stands within another
        }
    }
}
