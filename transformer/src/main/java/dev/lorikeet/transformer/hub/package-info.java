/**
 * Models of a hub that speaks as Hugging Face's: what is in the cache that is shared with Python, and what is fetched
 * into it.
 *
 * <p>Read {@link dev.lorikeet.transformer.hub.Hub} first.
 *
 * <p>Always holds: {@link dev.lorikeet.transformer.hub.Hub#pull} alone opens connections, for the repository that it is
 * told; a file is in the cache under its name when it is whole and has the hash that the hub says, never before; the
 * token goes to the endpoint's own host alone.
 */
@NullMarked
package dev.lorikeet.transformer.hub;

import org.jspecify.annotations.NullMarked;
