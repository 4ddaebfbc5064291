package dev.lorikeet.cli.report;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The path of a layer, taken apart at the number of its block.
 *
 * @param module what stands behind the number, or the whole path where there is none
 * @param block the first number in the path, 0 where there is none
 */
record LayerPath(String module, int block) {
    private static final Pattern NUMBERED = Pattern.compile("^(?:.*?\\.)?(\\d+)\\.(.+)$");

    static LayerPath of(String path) {
        Matcher matcher = NUMBERED.matcher(path);
        return matcher.matches() ? new LayerPath(matcher.group(2), Integer.parseInt(matcher.group(1)))
                : new LayerPath(path, 0);
    }
}
