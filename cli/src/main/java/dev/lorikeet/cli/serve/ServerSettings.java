package dev.lorikeet.cli.serve;

import java.net.InetSocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Who may ask how much.
 *
 * @param address where it listens
 * @param key what clients have to know, null if nothing
 * @param places how many requests compute at once
 * @param queue how many more may wait
 * @param timeout how long one may take
 * @param body the largest request, in bytes
 * @param memory for all requests that are being read, in bytes; at least as much as for one
 */
public record ServerSettings(InetSocketAddress address, @Nullable String key, int places, int queue, Duration timeout,
        int body, int memory) {}
