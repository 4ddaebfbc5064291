/**
 * What a layer does on a device, and what travels when: graphs of kernels over named buffers. Knows no device and
 * nothing of TornadoVM, so that plans are tested without either.
 *
 * <p>Read {@link dev.lorikeet.tornado.plan.LayerPlan} first, then {@link dev.lorikeet.tornado.plan.FeedForwardPlan}.
 *
 * <p>What always holds: a weight travels once; what the host may have changed travels each time; what only the device
 * reads never does.
 */
@NullMarked
package dev.lorikeet.tornado.plan;

import org.jspecify.annotations.NullMarked;
