package dev.lorikeet.cli.serve;

import java.io.IOException;

/** What is behind a route. Called by many threads at once. */
@FunctionalInterface
interface Endpoint {
    /**
     * Answers once.
     *
     * @throws Refusal if it does not
     * @throws dev.lorikeet.transformer.io.InputException if the request is wrong
     * @throws IOException if the client has gone
     */
    void answer(Exchange exchange) throws IOException;
}
