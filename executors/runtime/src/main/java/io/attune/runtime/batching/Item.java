package io.attune.runtime.batching;

/// One input that waits or runs.
///
/// @param input what the runner gets
/// @param cost what it costs, 1 or greater
/// @param arrivalNanos when it came
/// @param sequence its place in the order of arrival
/// @param group what it was submitted with
/// @param index its place in the group
record Item<I, O>(I input, int cost, long arrivalNanos, long sequence, Group<O> group, int index)
    implements BatchPolicy.Entry {

  void complete(O output) {
    group.complete(index, output);
  }

  /// Items are the same only if they are one: the identity keeps inputs out of the comparison.
  @Override
  public boolean equals(Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return Long.hashCode(sequence);
  }
}
