/** Gradients, layers, optimizers and schedules. */
module dev.lorikeet.autograd {
    requires static org.jspecify;
    requires transitive dev.lorikeet.tensor;

    exports dev.lorikeet.autograd;
    exports dev.lorikeet.autograd.nn;
    exports dev.lorikeet.autograd.optim;
}
