package dev.lorikeet.transformer.tokenizer;

import dev.lorikeet.transformer.io.JsonObject;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What makes a text of tokens: of their names the parts of the text, to be written one behind the other. */
@FunctionalInterface
interface Decoder {
    List<String> decode(List<String> tokens);

    /** The decoder of a file. */
    static Decoder of(JsonObject json) {
        String type = json.string("type");
        Set<String> fields = switch (type) {
            case "Sequence" -> Set.of("type", "decoders");
            case "ByteLevel" -> Set.of("type", "add_prefix_space", "trim_offsets", "use_regex");
            case "WordPiece" -> Set.of("type", "prefix", "cleanup");
            case "Metaspace" ->
                Set.of("type", "replacement", "prepend_scheme", "split", "add_prefix_space", "str_rep");
            case "Replace" -> Set.of("type", "pattern", "content");
            case "Strip" -> Set.of("type", "content", "start", "stop");
            default -> Set.of("type");
        };
        Decoder decoder = switch (type) {
            case "Sequence" -> sequence(json.objects("decoders").stream().map(Decoder::of).toList());
            case "ByteLevel" -> Decoder::bytes;
            case "WordPiece" -> new WordPieces(json.string("prefix", "##"), json.flag("cleanup", true));
            case "Metaspace" -> new Metaspace(PreTokenizer.Metaspace.replacement(json),
                    !PreTokenizer.Metaspace.scheme(json).equals("never"));
            case "ByteFallback" -> Decoder::byteTokens;
            case "Fuse" -> tokens -> List.of(String.join("", tokens));
            case "Replace" -> {
                Expression expression = Expression.of(json);
                String content = json.string("content");
                yield tokens -> tokens.stream().map(token -> expression.replace(token, content)).toList();
            }
            case "Strip" -> Strip.of(json);
            default -> throw json.error("type", type + " is not supported");
        };
        json.allowOnly(fields);
        return decoder;
    }

    /** Tokens with spaces in between, where a file has no decoder. */
    static List<String> spaced(List<String> tokens) {
        return List.of(String.join(" ", tokens));
    }

    private static Decoder sequence(List<Decoder> decoders) {
        return tokens -> {
            List<String> decoded = tokens;
            for (Decoder next : decoders) {
                decoded = next.decode(decoded);
            }
            return decoded;
        };
    }

    /** The bytes that the tokens spell; a token with a character that is none stands for itself. */
    private static List<String> bytes(List<String> tokens) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (String token : tokens) {
            if (token.chars().allMatch(c -> ByteAlphabet.byteOf((char) c) >= 0)) {
                token.chars().forEach(c -> bytes.write(ByteAlphabet.byteOf((char) c)));
            } else {
                bytes.writeBytes(token.getBytes(StandardCharsets.UTF_8));
            }
        }
        return List.of(Utf8.decode(bytes.toByteArray()));
    }

    /** Writes characters for tokens such as {@code <0xE2>}; for each of those that are no UTF-8 together, U+FFFD. */
    private static List<String> byteTokens(List<String> tokens) {
        List<String> decoded = new ArrayList<>();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (String token : tokens) {
            int b = byteOf(token);
            if (b >= 0) {
                bytes.write(b);
            } else {
                addCharacters(bytes, decoded);
                decoded.add(token);
            }
        }
        addCharacters(bytes, decoded);
        return decoded;
    }

    /** The bytes of a token that is part of a character: spelled by a {@link ByteAlphabet}, or as {@code <0xE2>}. */
    static byte @Nullable [] part(String token) {
        int fallback = byteOf(token);
        if (fallback >= 0) {
            return new byte[] {(byte) fallback};
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (char c : token.toCharArray()) {
            if (ByteAlphabet.byteOf(c) < 0) {
                return null;
            }
            bytes.write(ByteAlphabet.byteOf(c));
        }
        return bytes.toByteArray();
    }

    private static int byteOf(String token) {
        if (token.length() != 6 || !token.startsWith("<0x") || token.charAt(5) != '>') {
            return -1;
        }
        int high = hex(token.charAt(3));
        int low = hex(token.charAt(4));
        return high < 0 || low < 0 ? -1 : 16 * high + low;
    }

    private static int hex(char c) {
        return c < 128 ? Character.digit(c, 16) : -1;
    }

    private static void addCharacters(ByteArrayOutputStream bytes, List<String> decoded) {
        if (bytes.size() == 0) {
            return;
        }
        String characters = utf8OrNull(bytes.toByteArray());
        if (characters != null) {
            decoded.add(characters);
        } else {
            decoded.addAll(Collections.nCopies(bytes.size(), "\uFFFD"));
        }
        bytes.reset();
    }

    private static @Nullable String utf8OrNull(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    /** Joins the pieces of words, with spaces between words; where it cleans up, not before punctuation. */
    record WordPieces(String prefix, boolean cleanup) implements Decoder {
        private static final String[][] CLEAN = {{" .", "."}, {" ?", "?"}, {" !", "!"}, {" ,", ","}, {" ' ", "'"},
            {" n't", "n't"}, {" 'm", "'m"}, {" do not", " don't"}, {" 's", "'s"}, {" 've", "'ve"}, {" 're", "'re"}};

        @Override
        public List<String> decode(List<String> tokens) {
            List<String> decoded = new ArrayList<>(tokens.size());
            for (String token : tokens) {
                String text = decoded.isEmpty() ? token
                        : token.startsWith(prefix) ? token.substring(prefix.length()) : " " + token;
                for (String[] change : cleanup ? CLEAN : new String[0][]) {
                    text = text.replace(change[0], change[1]);
                }
                decoded.add(text);
            }
            return decoded;
        }
    }

    /** Writes spaces for marks, but not at the beginning where one was put there. */
    record Metaspace(char replacement, boolean prefixed) implements Decoder {
        @Override
        public List<String> decode(List<String> tokens) {
            List<String> decoded = new ArrayList<>(tokens.size());
            for (String token : tokens) {
                decoded.add(decoded.isEmpty() && prefixed ? token.replace(String.valueOf(replacement), "")
                        : token.replace(replacement, ' '));
            }
            return decoded;
        }
    }

    /** Leaves out a character at the beginning and at the end of each part, so often at most. */
    record Strip(char content, int start, int stop) implements Decoder {
        private static Strip of(JsonObject json) {
            String content = json.string("content");
            if (content.length() != 1) {
                throw json.error("content", "one character below U+10000 is expected");
            }
            for (String field : List.of("start", "stop")) {
                if (json.integer(field) < 0) {
                    throw json.error(field, json.integer(field) + " is negative");
                }
            }
            return new Strip(content.charAt(0), json.integer("start"), json.integer("stop"));
        }

        @Override
        public List<String> decode(List<String> tokens) {
            return tokens.stream().map(this::strip).toList();
        }

        private String strip(String text) {
            int from = 0;
            while (from < Math.min(start, text.length()) && text.charAt(from) == content) {
                from++;
            }
            int to = text.length();
            while (to > from && text.length() - to < stop && text.charAt(to - 1) == content) {
                to--;
            }
            return text.substring(from, to);
        }
    }
}
