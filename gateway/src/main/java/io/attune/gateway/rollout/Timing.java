package io.attune.gateway.rollout;

import java.time.Duration;

/// How patient a coordinator is.
///
/// @param timeToLive how long a participant of another process counts after it was heard of
/// @param limit how long one that cannot be reached delays a rollout before it fails
/// @param firstPause before a command that could not be given is repeated; twice as long each time
/// @param mostPause the longest of these pauses
/// @param catchUp how long a rollback waits for shards that lack something in the old generation
public record Timing(
    Duration timeToLive,
    Duration limit,
    Duration firstPause,
    Duration mostPause,
    Duration catchUp) {
  /// The defaults.
  public static final Timing DEFAULT =
      new Timing(
          Duration.ofSeconds(15),
          Duration.ofMinutes(5),
          Duration.ofMillis(100),
          Duration.ofSeconds(5),
          Duration.ofSeconds(5));

  /// The same with another time that a rollback waits.
  Timing withCatchUp(Duration other) {
    return new Timing(timeToLive, limit, firstPause, mostPause, other);
  }

  /// The same with another time that a participant counts.
  public Timing withTimeToLive(Duration other) {
    return new Timing(other, limit, firstPause, mostPause, catchUp);
  }
}
