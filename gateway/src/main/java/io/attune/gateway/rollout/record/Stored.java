package io.attune.gateway.rollout.record;

/// A value as it is on disk.
///
/// @param revision which one it is, to replace it
public record Stored<T>(T value, String revision) {}
