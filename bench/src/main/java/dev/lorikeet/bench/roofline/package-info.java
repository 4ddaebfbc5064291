/** A forward pass and steps of training taken apart by operation, beside what the machine can do at most. */
@NullMarked
package dev.lorikeet.bench.roofline;

import org.jspecify.annotations.NullMarked;
