// Package gp classifies with Gaussian processes and scores their kernels: the
// inference step of arXiv:2011.06006 and every other score that one kernel
// gives.
//
// Sweep takes one kernel matrix, training images first, and returns at each
// epsilon the validation accuracy, squared error and log predictive density,
// the log marginal likelihood and the closed-form leave-one-out scores, of the
// training images and of all images. Factorization is the tool below it, for
// users who have a kernel matrix and targets of their own.
//
// # The model
//
// Labels become targets, one-hot minus 1/classes, and each class is regressed
// on its own: with noise s = epsilon tr(K)/n the predictive mean at new images
// is K_* (K + sI)^-1 Y. A prediction is the class with the largest mean; among
// equal means the lowest class index wins. Epsilon is relative to the mean
// trace, so no score changes when a kernel is multiplied by a constant, except
// LogMarginal, which fixes that constant (below).
//
// # The scale of a kernel
//
// Likelihoods, unlike predictions, depend on the kernel's scale, which for an
// NNGP kernel is a matter of convention (how weights and features are
// normalized). Two scale-free choices are given. LogMarginal divides the kernel
// by its mean trace, so a prior draw has unit variance on average.
// LogMarginalScaled multiplies kernel and noise by the constant that maximizes
// the likelihood, which has a closed form: c = mean over classes of
// y'(K+sI)^-1 y / n. Predictive densities use that constant of the training
// images.
//
// # Units
//
// Errors are means over images and classes, so predicting zero for ten classes
// has squared error 0.09. Log densities and log marginal likelihoods are in
// nats per target value: summed, then divided by images times classes. The
// targets of an image sum to zero, so the classes are not independent as the
// model has it; that costs calibration, not comparability.
//
// # Work
//
// A kernel is reduced once to tridiagonal form, K = Q T Q', at 4n^3/3
// operations, as much again for Q where leave-one-out scores or densities are
// asked for; after that an epsilon costs O(n) a target column and O(n^2) for the
// leave-one-out scores. Beside the kernel given, memory is n^2 values for the
// reduction and n^2 for Q: with 8,000 training and 500 validation images the
// kernel takes 0.6 GB, the sweep 1.0 GB more, measured (without the scores of all
// images, whose reduction comes after the first is freed).
package gp
