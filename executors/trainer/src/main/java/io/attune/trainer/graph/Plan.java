package io.attune.trainer.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The steps of a graph over numbered slots, with the last use of each slot, computed once.
final class Plan {
  private final Map<String, Integer> slots = new HashMap<>();
  private final List<Step> steps;
  private final int output;

  /// @param resident the values that are there before the first step: inputs, constants, parameters
  Plan(List<Step.Draft> drafts, Set<String> resident, String output) {
    resident.forEach(this::slot);
    Map<Integer, Integer> lastUse = new HashMap<>();
    Set<String> read = new HashSet<>();
    for (Step.Draft draft : drafts) {
      read.addAll(draft.inputs());
    }
    read.add(output);
    List<Step> open = new ArrayList<>();
    for (Step.Draft draft : drafts) {
      int[] inputs = draft.inputs().stream().mapToInt(v -> v.isEmpty() ? -1 : slot(v)).toArray();
      int[] outputs =
          draft.outputs().stream().mapToInt(v -> read.contains(v) ? slot(v) : -1).toArray();
      for (int input : inputs) {
        lastUse.put(input, open.size());
      }
      open.add(
          new Step(draft.label(), draft.kind(), draft.operation(), inputs, outputs, new int[0]));
    }
    this.output = slot(output);
    Set<Integer> kept = new HashSet<>(resident.stream().map(slots::get).toList());
    kept.add(this.output);
    kept.add(-1);
    List<Step> closed = new ArrayList<>();
    for (int i = 0; i < open.size(); i++) {
      int index = i;
      int[] ending =
          Arrays.stream(open.get(i).inputs())
              .distinct()
              .filter(slot -> !kept.contains(slot) && lastUse.getOrDefault(slot, -1) == index)
              .toArray();
      Step step = open.get(i);
      closed.add(
          new Step(
              step.label(), step.kind(), step.operation(), step.inputs(), step.outputs(), ending));
    }
    steps = List.copyOf(closed);
  }

  private int slot(String value) {
    return slots.computeIfAbsent(value, _ -> slots.size());
  }

  /// The steps in order.
  List<Step> steps() {
    return steps;
  }

  /// How many slots there are.
  int size() {
    return slots.size();
  }

  /// The slot of a value that a step reads or that is resident.
  int slotOf(String value) {
    return slots.getOrDefault(value, -1);
  }

  /// The slot of the graph's output.
  int output() {
    return output;
  }
}
