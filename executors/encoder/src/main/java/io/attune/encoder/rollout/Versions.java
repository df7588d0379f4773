package io.attune.encoder.rollout;

import io.attune.runtime.ModelVersion;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;

/// The versions of a model that an encoder holds, as rollouts change them.
public interface Versions {
  /// Loads a version beside those that are there, checked and warm; one that is there already is
  /// only compared with what is expected.
  ///
  /// @param steps told what is being done, for people
  /// @throws io.attune.runtime.FlowException FAILED_PRECONDITION where a check fails,
  ///   RESOURCE_EXHAUSTED where it would not fit; nothing has changed then
  /// @throws InterruptedException where it is given up
  void load(ModelVersion version, Command.Expected expected, Consumer<String> steps)
      throws InterruptedException;

  /// Lets a version that is there serve requests without a stamp, and gives up all versions of its
  /// model but these. At once; requests under way finish with what they have.
  void serve(ModelVersion live, Collection<ModelVersion> held);

  /// What is there.
  List<Held> held();

  /// A version that is there.
  ///
  /// @param bytes the memory it takes, estimated
  /// @param serves whether new requests get it; false where it only waits for its last request
  record Held(ModelVersion version, String space, long bytes, boolean serves) {}
}
