package io.attune.trainer.graph;

import io.attune.trainer.graph.op.Operation;
import java.util.List;

/// One operation of a plan.
///
/// @param label what it is in messages: the node, or the fusion and its last node
/// @param kind the operator or the fusion
/// @param inputs the slots it reads; -1 for an input left out
/// @param outputs the slots it writes; -1 for an output that no one reads
/// @param lastUses the slots that no later step reads
@SuppressWarnings("ArrayRecordComponent") // on the data path; never compared
record Step(
    String label, String kind, Operation operation, int[] inputs, int[] outputs, int[] lastUses) {
  /// A step before its place in the plan is known.
  ///
  /// @param inputs the values it reads; an empty name for one left out
  /// @param outputs the values it gives; an empty name for one that no one reads
  record Draft(
      String label, String kind, Operation operation, List<String> inputs, List<String> outputs) {}
}
