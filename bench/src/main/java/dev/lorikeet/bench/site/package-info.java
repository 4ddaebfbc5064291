/**
 * The documentation as a folder of HTML that needs no server: the pages of the repository and the API's.
 *
 * <p>Read {@link dev.lorikeet.bench.site.Site} first.
 *
 * <p>What always holds: a page lies where its file lies in the repository, so that a link between files is one between
 * pages; no page loads anything from elsewhere.
 */
@NullMarked
package dev.lorikeet.bench.site;

import org.jspecify.annotations.NullMarked;
