/**
 * TornadoVM behind {@code tensor}'s interface for devices: the frozen layers of a model on a device of OpenCL, PTX or
 * CUDA, with the processor as what they are checked against.
 *
 * <p>Read {@link dev.lorikeet.tornado.TornadoProvider} first, then {@link dev.lorikeet.tornado.TornadoCompute} and
 * {@link dev.lorikeet.tornado.DeviceMatrix}. What a layer does on the device, and what travels when, is planned in
 * {@code tornado.plan}, which knows nothing of TornadoVM.
 *
 * <p>What always holds: no class that names a type of TornadoVM is loaded before {@link
 * dev.lorikeet.tornado.Detection} has found a device that computes rightly; and a layer is computed on the device, or
 * by the processor with a line in the log that says why, never on neither.
 */
@NullMarked
package dev.lorikeet.tornado;

import org.jspecify.annotations.NullMarked;
