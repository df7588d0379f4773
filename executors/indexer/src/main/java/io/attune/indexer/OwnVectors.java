package io.attune.indexer;

import io.attune.proto.attune.MoveRequest;
import io.attune.runtime.FlowException;

/// What becomes of documents that came with vectors of their own when the index takes another
/// space.
enum OwnVectors {
  /// They refuse the rollout.
  REFUSE,
  /// Their vectors are taken as they are: who says so knows that they belong to the new space, too.
  KEEP,
  /// The new generation does without them.
  DROP;

  /// What a command says.
  ///
  /// @throws FlowException where it says something unknown
  static OwnVectors of(MoveRequest command) {
    return switch (command.getOwnVectors()) {
      case OWN_VECTORS_REFUSE -> REFUSE;
      case OWN_VECTORS_KEEP -> KEEP;
      case OWN_VECTORS_DROP -> DROP;
      case UNRECOGNIZED ->
          throw FlowException.invalid(
              "own_vectors: %d (expected: refuse, keep or drop)"
                  .formatted(command.getOwnVectorsValue()));
    };
  }
}
