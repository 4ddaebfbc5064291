package dev.lorikeet.cli.report;

import java.util.List;

/** The body of a page, section by section. */
final class Page {
    private final StringBuilder out = new StringBuilder();

    /** @param body markup */
    Page section(String title, String subtitle, String body) {
        Markup head = new Markup().leaf("h2", title).leaf("p", subtitle, "class", "subtitle");
        out.append("<section>\n").append(head).append('\n').append(body).append("\n</section>\n");
        return this;
    }

    /** A section that scrolls sideways where the screen is narrow. */
    Page wide(String title, String subtitle, String body) {
        return section(title, subtitle, "<div class=\"scroll\">" + body + "</div>");
    }

    /** What follows stands side by side, until {@link #end}. */
    Page columns() {
        out.append("\n<div class=\"columns\">\n");
        return this;
    }

    Page end() {
        out.append("</div>\n");
        return this;
    }

    Page add(String markup) {
        out.append(markup);
        return this;
    }

    /** A table of texts with a head; the first column to the left, the others to the right where they are numbers. */
    static String table(List<List<String>> rows, boolean numbers) {
        Markup table = new Markup().open("table").open("thead").open("tr");
        for (int i = 0; i < rows.getFirst().size(); i++) {
            cell(table, "th", rows.getFirst().get(i), numbers && i > 0);
        }
        table.close().close().open("tbody");
        for (List<String> row : rows.subList(1, rows.size())) {
            table.open("tr");
            for (int i = 0; i < row.size(); i++) {
                cell(table, "td", row.get(i), numbers && i > 0);
            }
            table.close();
        }
        return table.close().close().toString();
    }

    private static void cell(Markup table, String tag, String text, boolean number) {
        if (number) {
            table.leaf(tag, text, "class", "number");
        } else {
            table.leaf(tag, text);
        }
    }

    @Override
    public String toString() {
        return out.toString();
    }
}
