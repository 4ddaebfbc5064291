package dev.lorikeet.transformer.metrics.text;

import java.util.function.Predicate;

/**
 * Stems of English words (Porter 1980, "An algorithm for suffix stripping"), with the two changes of its author's own
 * programs: {@code bli} for {@code abli} and {@code logi} in step 2, and words of one or two letters left alone.
 */
final class PorterStemmer {
    private static final String[][] STEP_2 = {{"ational", "ate"}, {"tional", "tion"}, {"enci", "ence"},
        {"anci", "ance"}, {"izer", "ize"}, {"bli", "ble"}, {"alli", "al"}, {"entli", "ent"}, {"eli", "e"},
        {"ousli", "ous"}, {"ization", "ize"}, {"ation", "ate"}, {"ator", "ate"}, {"alism", "al"}, {"iveness", "ive"},
        {"fulness", "ful"}, {"ousness", "ous"}, {"aliti", "al"}, {"iviti", "ive"}, {"biliti", "ble"}, {"logi", "log"}};
    private static final String[][] STEP_3 = {{"icate", "ic"}, {"ative", ""}, {"alize", "al"}, {"iciti", "ic"},
        {"ical", "ic"}, {"ful", ""}, {"ness", ""}};
    private static final String[][] STEP_4 = {{"al", ""}, {"ance", ""}, {"ence", ""}, {"er", ""}, {"ic", ""},
        {"able", ""}, {"ible", ""}, {"ant", ""}, {"ement", ""}, {"ment", ""}, {"ent", ""}, {"ion", ""}, {"ou", ""},
        {"ism", ""}, {"ate", ""}, {"iti", ""}, {"ous", ""}, {"ive", ""}, {"ize", ""}};

    private PorterStemmer() {}

    /** The stem of a word in small letters. */
    static String stem(String word) {
        if (word.length() <= 2) {
            return word;
        }
        String stem = plural(word);
        stem = participle(stem);
        if (stem.endsWith("y") && hasVowel(cut(stem, 1))) {
            stem = cut(stem, 1) + "i";
        }
        stem = first(stem, STEP_2, before -> measure(before) > 0);
        stem = first(stem, STEP_3, before -> measure(before) > 0);
        String third = stem;
        stem = first(stem, STEP_4, before -> measure(before) > 1
                && (!third.equals(before + "ion") || before.endsWith("s") || before.endsWith("t")));
        return last(stem);
    }

    /** Step 1a. */
    private static String plural(String word) {
        if (word.endsWith("sses") || word.endsWith("ies")) {
            return cut(word, 2);
        }
        return word.endsWith("s") && !word.endsWith("ss") ? cut(word, 1) : word;
    }

    /** Step 1b. */
    private static String participle(String word) {
        if (word.endsWith("eed")) {
            return measure(cut(word, 3)) > 0 ? cut(word, 1) : word;
        }
        int suffix = word.endsWith("ed") ? 2 : word.endsWith("ing") ? 3 : 0;
        String stem = cut(word, suffix);
        if (suffix == 0 || !hasVowel(stem)) {
            return word;
        }
        if (stem.endsWith("at") || stem.endsWith("bl") || stem.endsWith("iz")) {
            return stem + "e";
        }
        if (isDouble(stem)) {
            return "lsz".indexOf(stem.charAt(stem.length() - 1)) >= 0 ? stem : cut(stem, 1);
        }
        return measure(stem) == 1 && endsShort(stem) ? stem + "e" : stem;
    }

    /** Step 5. */
    private static String last(String word) {
        String stem = word;
        if (stem.endsWith("e")) {
            String before = cut(stem, 1);
            int measure = measure(before);
            if (measure > 1 || measure == 1 && !endsShort(before)) {
                stem = before;
            }
        }
        return stem.endsWith("ll") && measure(cut(stem, 1)) > 1 ? cut(stem, 1) : stem;
    }

    /** Replaces the first suffix that is there, if what stands before it allows that. */
    private static String first(String word, String[][] rules, Predicate<String> condition) {
        for (String[] rule : rules) {
            if (word.endsWith(rule[0])) {
                String before = cut(word, rule[0].length());
                return condition.test(before) ? before + rule[1] : word;
            }
        }
        return word;
    }

    private static String cut(String word, int letters) {
        return word.substring(0, word.length() - letters);
    }

    private static boolean isConsonant(String word, int i) {
        return switch (word.charAt(i)) {
            case 'a', 'e', 'i', 'o', 'u' -> false;
            case 'y' -> i == 0 || !isConsonant(word, i - 1);
            default -> true;
        };
    }

    private static boolean hasVowel(String word) {
        for (int i = 0; i < word.length(); i++) {
            if (!isConsonant(word, i)) {
                return true;
            }
        }
        return false;
    }

    /** The paper's m: how often consonants follow on vowels. */
    private static int measure(String word) {
        int measure = 0;
        for (int i = 1; i < word.length(); i++) {
            if (isConsonant(word, i) && !isConsonant(word, i - 1)) {
                measure++;
            }
        }
        return measure;
    }

    private static boolean isDouble(String word) {
        int end = word.length() - 1;
        return end >= 1 && word.charAt(end) == word.charAt(end - 1) && isConsonant(word, end);
    }

    /** The paper's *o: a consonant, a vowel, a consonant that is not w, x or y. */
    private static boolean endsShort(String word) {
        int end = word.length() - 1;
        return end >= 2 && isConsonant(word, end - 2) && !isConsonant(word, end - 1) && isConsonant(word, end)
                && "wxy".indexOf(word.charAt(end)) < 0;
    }
}
