package dev.lorikeet.bench;

import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.lang.module.ModuleDescriptor;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What a module offers to applications: a line for every type of its exported packages that they can name, and below
 * it one for every constructor, method and field that they can use or override. What every record and enum has is left
 * out.
 */
final class PublicApi {
    private static final Set<String> EVERYWHERE = Set.of("equals", "hashCode", "toString", "values", "valueOf");

    private PublicApi() {}

    /** The lines with full names: types by their names, and below each of them its members. */
    static List<String> of(ModuleDescriptor module) throws IOException, ClassNotFoundException {
        List<String> lines = new ArrayList<>();
        for (String exported : ProductModules.exported(module, true)) {
            for (String name : ProductModules.classes(module, exported)) {
                Class<?> type = Class.forName(name, false, PublicApi.class.getClassLoader());
                if (isVisible(type)) {
                    lines.add(header(type));
                    members(type).map(member -> "    " + line(type, member)).sorted().forEach(lines::add);
                }
            }
        }
        return lines;
    }

    /** A line without what goes without saying, which would hide the rest. */
    static String brief(String line) {
        String said = line.replaceFirst("public ", "").replace("abstract interface", "interface").replace('$', '.');
        return line.startsWith(" ") ? said.replaceAll("\\b(?:[a-z]\\w*\\.)+(?=[A-Z])", "") : said;
    }

    private static boolean isVisible(Class<?> type) {
        return Modifier.isPublic(type.getModifiers())
                && (type.getEnclosingClass() == null || isVisible(type.getEnclosingClass()));
    }

    private static String header(Class<?> type) {
        String header = type.toGenericString();
        Type parent = type.getGenericSuperclass();
        if (parent != null && !Set.of(Object.class, Record.class).contains(parent) && !type.isEnum()) {
            header += " extends " + parent.getTypeName();
        }
        String interfaces = Arrays.stream(type.getGenericInterfaces()).map(Type::getTypeName).collect(joining(", "));
        return interfaces.isEmpty() ? header : header + " with " + interfaces;
    }

    /** Those of a parent that cannot be named are the type's own. */
    private static Stream<Member> members(Class<?> type) {
        Stream<Member> own = Stream.<Member[]>of(type.getDeclaredConstructors(), type.getDeclaredMethods(),
                type.getDeclaredFields()).flatMap(Arrays::stream)
                .filter(member -> Modifier.isPublic(member.getModifiers())
                        || Modifier.isProtected(member.getModifiers()) && !Modifier.isFinal(type.getModifiers()))
                .filter(member -> !member.isSynthetic() && !EVERYWHERE.contains(member.getName()));
        Class<?> parent = type.getSuperclass();
        return parent == null || isVisible(parent) ? own
                : Stream.concat(own, members(parent).filter(member -> !(member instanceof Constructor)));
    }

    private static String line(Class<?> type, Member member) {
        String line = member instanceof Executable executable ? executable.toGenericString()
                : ((Field) member).toGenericString();
        return line.replace(member.getDeclaringClass().getTypeName() + ".", "");
    }
}
