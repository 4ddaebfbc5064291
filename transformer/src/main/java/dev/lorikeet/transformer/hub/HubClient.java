package dev.lorikeet.transformer.hub;

import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.io.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a hub says about one repository, over HTTP. */
final class HubClient implements AutoCloseable {
    private static final int MOST_REDIRECTS = 10;
    private static final int LONGEST_LIST = 64 << 20;
    private static final Pattern RANGE = Pattern.compile("bytes (\\d{1,18})-(\\d{1,18})/(\\d{1,18}|\\*)");
    private static final Pattern ETAG = Pattern.compile("(?:W/)?\"?([0-9a-f]{64}|[0-9a-f]{40})\"?");

    private final HubSettings settings;
    private final HubName name;
    private final PullListener listener;
    private final Patience patience;
    private final Refusals refusals;
    /** HTTP/1.1: a connection that is cut shows as that, and one large file needs no more. */
    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER).connectTimeout(Duration.ofSeconds(10)).build();

    HubClient(HubSettings settings, HubName name, PullListener listener, Patience patience) {
        this.settings = settings;
        this.name = name;
        this.listener = listener;
        this.patience = patience;
        this.refusals = new Refusals(settings, name);
    }

    /** What a revision is now: a commit, and the names of its files. */
    record Listing(String commit, Set<String> files) {}

    /** @throws InputException if the hub refuses, or cannot be reached */
    Listing list() {
        URI uri = URI.create(settings.endpoint() + "/api/models/" + name.repository() + "/revision/"
                + encoded(name.revision()));
        Path source = Path.of(name.repository());
        byte[] bytes;
        try (InputStream body = exchange("GET", uri, 0, "").body()) {
            bytes = body.readNBytes(LONGEST_LIST);
        } catch (IOException e) {
            throw error("", "the list of its files does not come whole: " + e);
        }
        JsonObject list = new JsonObject(source, "", Json.readObject(bytes, source));
        String commit = list.string("sha");
        if (!HubName.isCommit(commit)) {
            throw list.error("sha", "the hash of a commit is expected, not \"" + commit + "\"");
        }
        Set<String> files = new TreeSet<>();
        for (JsonObject file : list.objects("siblings")) {
            if (HubName.isSafe(file.string("rfilename"))) {
                files.add(file.string("rfilename"));
            }
        }
        return new Listing(commit, files);
    }

    /** @throws InputException if the hub refuses, or does not say by which to tell that a file is whole */
    RemoteFile about(String commit, String path) {
        HttpResponse<InputStream> response = exchange("HEAD", address(commit, path), 0, path);
        discard(response);
        Matcher etag = ETAG.matcher(header(response, "X-Linked-Etag", header(response, "ETag", "")));
        if (!etag.matches()) {
            throw error(path, settings.endpoint() + " says no hash of it, by which to tell that it has come whole; "
                    + "its ETag is \"" + header(response, "X-Linked-Etag", header(response, "ETag", "")) + "\"");
        }
        String size = header(response, "X-Linked-Size", header(response, "Content-Length", ""));
        if (!size.matches("\\d{1,18}")) {
            throw error(path, settings.endpoint() + " does not say how many bytes it has");
        }
        return new RemoteFile(path, Long.parseLong(size), etag.group(1));
    }

    /**
     * The content of a file, or the rest of it.
     *
     * @param start the first byte that comes
     * @param end the byte after the last one; -1 where that is not said
     */
    record Content(InputStream bytes, long start, long end) {}

    /** @param from which byte on it is wanted; it may come from the first one on */
    Content content(String commit, RemoteFile file, long from) throws IOException {
        HttpResponse<InputStream> response = exchange("GET", address(commit, file.path()), from, file.path());
        if (response.statusCode() != 206) {
            return new Content(response.body(), 0, response.headers().firstValueAsLong("Content-Length").orElse(-1));
        }
        Matcher range = RANGE.matcher(header(response, "Content-Range", ""));
        if (!range.matches() || Long.parseLong(range.group(1)) != from) {
            discard(response);
            throw error(file.path(), "the bytes from " + from + " on were asked for, and \""
                    + header(response, "Content-Range", "") + "\" come");
        }
        return new Content(response.body(), from, Long.parseLong(range.group(2)) + 1);
    }

    private URI address(String commit, String path) {
        return URI.create(settings.endpoint() + "/" + name.repository() + "/resolve/" + commit + "/"
                + encoded(path).replace("%2F", "/"));
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** Follows redirects; one elsewhere that says the hash itself needs not be followed to know that. */
    private HttpResponse<InputStream> exchange(String method, URI first, long from, String path) {
        URI uri = first;
        for (int i = 0; i <= MOST_REDIRECTS; i++) {
            HttpResponse<InputStream> response = answered(method, uri, from, path);
            if (!Set.of(301, 302, 303, 307, 308).contains(response.statusCode())
                    || method.equals("HEAD") && response.headers().firstValue("X-Linked-Etag").isPresent()
                            && response.headers().firstValue("X-Linked-Size").isPresent()) {
                return response;
            }
            discard(response);
            uri = redirected(uri, header(response, "Location", ""), path);
        }
        throw error(path, "is redirected more than " + MOST_REDIRECTS + " times");
    }

    private URI redirected(URI from, String location, String path) {
        URI to;
        try {
            to = from.resolve(location);
        } catch (IllegalArgumentException e) {
            throw error(path, "is redirected to \"" + location + "\", which is no address");
        }
        boolean open = "http".equals(to.getScheme()) && "http".equals(from.getScheme());
        if (location.isEmpty() || to.getHost() == null || !open && !"https".equals(to.getScheme())) {
            throw error(path, "is redirected to \"" + location + "\", which is no address that is as safe");
        }
        return to;
    }

    /** Asks again where the hub is busy or a connection ends. */
    private HttpResponse<InputStream> answered(String method, URI uri, long from, String path) {
        for (int failures = 1;; failures++) {
            Duration wait = patience.before(failures);
            String why;
            try {
                HttpResponse<InputStream> response = sent(method, uri, from);
                int status = response.statusCode();
                if (status < 400) {
                    return response;
                }
                discard(response);
                if (status != 429 && status < 500) {
                    throw refusals.of(response, path);
                }
                Duration asked = retryAfter(response);
                wait = asked == null ? wait : asked;
                if (failures >= patience.attempts() || wait.compareTo(patience.longest()) > 0) {
                    throw refusals.of(response, path);
                }
                why = uri.getHost() + " has " + (status == 429 ? "too many requests" : "a fault, " + status);
            } catch (ConnectException e) {
                throw error(path, uri.getScheme() + "://" + uri.getAuthority() + " cannot be reached");
            } catch (IOException e) {
                if (failures >= patience.attempts()) {
                    throw error(path, uri.getHost() + " does not answer: " + e);
                }
                why = uri.getHost() + " does not answer";
            }
            pause(wait, why);
        }
    }

    private HttpResponse<InputStream> sent(String method, URI uri, long from) throws IOException {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri).method(method, HttpRequest.BodyPublishers.noBody())
                .header("User-Agent", "lorikeet").header("Accept-Encoding", "identity");
        if (settings.token() != null && isOwn(uri)) {
            request.header("Authorization", "Bearer " + settings.token());
        }
        if (from > 0) {
            request.header("Range", "bytes=" + from + "-");
        }
        CompletableFuture<HttpResponse<InputStream>> answer = http.sendAsync(request.build(),
                HttpResponse.BodyHandlers.ofInputStream());
        try {
            return answer.get(patience.answer().toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException fault ? fault : new IOException(e.getCause());
        } catch (TimeoutException e) {
            answer.cancel(true);
            throw new IOException("nothing came for " + patience.answer().toSeconds() + " seconds", e);
        } catch (InterruptedException e) {
            answer.cancel(true);
            throw interrupted();
        }
    }

    /** Whether this is the endpoint's own host, which may see the token. */
    private boolean isOwn(URI uri) {
        URI own = settings.endpoint();
        return own.getScheme().equals(uri.getScheme()) && own.getPort() == uri.getPort()
                && own.getHost().toLowerCase(Locale.ROOT).equals(uri.getHost().toLowerCase(Locale.ROOT));
    }

    private static @Nullable Duration retryAfter(HttpResponse<?> response) {
        String seconds = header(response, "Retry-After", "");
        return seconds.matches("\\d{1,9}") ? Duration.ofSeconds(Long.parseLong(seconds)) : null;
    }

    /** Waits, and says why. */
    void pause(Duration wait, String why) {
        listener.waits(why + ", again in " + Math.max(1, wait.toSeconds()) + " s");
        try {
            Thread.sleep(wait);
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    private InputException interrupted() {
        Thread.currentThread().interrupt();
        return error("", "the fetching was interrupted");
    }

    InputException error(String path, String rule) {
        return refusals.error(path, rule);
    }

    private static String header(HttpResponse<?> response, String header, String otherwise) {
        return response.headers().firstValue(header).orElse(otherwise);
    }

    private static void discard(HttpResponse<InputStream> response) {
        try {
            response.body().close();
        } catch (IOException e) {
            System.getLogger(HubClient.class.getName()).log(System.Logger.Level.DEBUG, "not closed", e);
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
