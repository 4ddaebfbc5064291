package dev.lorikeet.cli.report;

import dev.lorikeet.transformer.io.Printable;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;

/** Writes HTML and SVG that is well-formed XML: every element is closed, every text escaped. */
final class Markup {
    private final StringBuilder out = new StringBuilder();
    private final Deque<String> open = new ArrayDeque<>();

    /** Opens an element; attributes are names and values in turn. */
    Markup open(String tag, Object... attributes) {
        start(tag, attributes);
        out.append('>');
        open.push(tag);
        return this;
    }

    Markup close() {
        out.append("</").append(open.pop()).append('>');
        return this;
    }

    /** An element without content. */
    Markup empty(String tag, Object... attributes) {
        start(tag, attributes);
        out.append("/>");
        return this;
    }

    /** An element that holds one text. */
    Markup leaf(String tag, String text, Object... attributes) {
        return open(tag, attributes).text(text).close();
    }

    Markup text(String text) {
        escape(text);
        return this;
    }

    /** What hovering over the open SVG element shows. */
    Markup hover(String text) {
        return leaf("title", text);
    }

    private void start(String tag, Object... attributes) {
        out.append(out.isEmpty() || tag.equals("tspan") ? "" : "\n").append('<').append(tag);
        for (int i = 0; i < attributes.length; i += 2) {
            out.append(' ').append(attributes[i]).append("=\"");
            escape(attributes[i + 1] instanceof Double number ? coordinate(number) : attributes[i + 1].toString());
            out.append('"');
        }
    }

    /** At most two decimals, which is finer than a screen. */
    static String coordinate(double value) {
        String text = String.format(Locale.ROOT, "%.2f", value).replaceFirst("\\.?0+$", "");
        return text.equals("-0") ? "0" : text;
    }

    /** XML has no way to write what is not printable, not even escaped. */
    private void escape(String text) {
        for (char c : Printable.of(text).toCharArray()) {
            switch (c) {
                case '&' -> out.append("&amp;");
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '"' -> out.append("&quot;");
                default -> out.append(c);
            }
        }
    }

    /** @throws IllegalStateException if an element is still open */
    @Override
    public String toString() {
        if (!open.isEmpty()) {
            throw new IllegalStateException("markup: <" + open.peek() + "> is not closed");
        }
        return out.toString();
    }
}
