package io.attune.trainer.optimizer;

import java.util.OptionalDouble;

/// What one update of the weights was.
///
/// @param number updates so far, this one included
/// @param learningRate the rate after schedule, before the groups' scales
/// @param gradientNorm the gradients' Euclidean norm before clipping; empty where they are not
///   clipped, as it is not computed then
public record Update(long number, double learningRate, OptionalDouble gradientNorm) {}
