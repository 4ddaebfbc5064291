package dev.lorikeet.transformer.chat;

import dev.lorikeet.transformer.chat.Talk.Span;
import java.util.ArrayList;
import java.util.List;

/**
 * Where answers stand in the text of a talk whose template does not say. Each is exchanged for a mark: what changes is
 * the answer, what stands behind the mark where the talk ends with it is the end of a turn. So templates will do that
 * write a talk otherwise once it goes on, as those that leave out what a model thought before.
 */
final class AnswerPlaces {
    private final List<ChatMessage> messages;
    private final String text;
    private final ChatTemplate template;
    private final String mark;

    AnswerPlaces(List<ChatMessage> messages, String text, ChatTemplate template) {
        this.messages = messages;
        this.text = text;
        this.template = template;
        int mark = 0xE000; // for private use
        while (text.indexOf(mark) >= 0) {
            mark++;
        }
        this.mark = Character.toString(mark);
    }

    List<Span> spans() {
        List<Span> spans = new ArrayList<>();
        for (int i = 0; i < messages.size(); i++) {
            if (messages.get(i).isAnswer()) {
                spans.add(span(i));
            }
        }
        return spans;
    }

    private Span span(int i) {
        String changed = template.render(marked(messages, i), false);
        int at = changed.indexOf(mark);
        if (at < 0 || changed.indexOf(mark, at + 1) >= 0) {
            throw template.error("message " + (i + 1) + ", an answer, does not stand in the text once, and there is no"
                    + " {% generation %} to say where it is");
        }
        int from = 0;
        while (from < at && from < text.length() && changed.charAt(from) == text.charAt(from)) {
            from++;
        }
        int to = text.length();
        for (int end = changed.length(); to > from && end > at + 1
                && text.charAt(to - 1) == changed.charAt(end - 1); end--) {
            to--;
        }
        String before = template.render(messages.subList(0, i), true);
        boolean continued = before.length() <= to && text.startsWith(before);
        String last = template.render(marked(messages.subList(0, i + 1), i), false);
        String end = last.substring(last.lastIndexOf(mark) + 1);
        int same = 0;
        while (same < end.length() && to + same < text.length() && text.charAt(to + same) == end.charAt(same)) {
            same++;
        }
        return new Span(continued ? before.length() : from, to + same);
    }

    private List<ChatMessage> marked(List<ChatMessage> some, int i) {
        List<ChatMessage> changed = new ArrayList<>(some);
        changed.set(i, changed.get(i).content(mark));
        return changed;
    }
}
