package io.attune.trainer.graph;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/// Which layer a weight is in, by the names of all: the layers are the numbers behind the word that
/// most different numbers follow. That is `layer` in `encoder.layer.5.dense.weight`, also where an
/// export counts modules in front of it (`0.auto_model.encoder.layer.5.dense.weight`), `block` in
/// `encoder.block.5.layer.0.weight`, and no word in `0.weight`, `2.weight`.
final class LayerNumbers {
  private static final int MOST_DIGITS = 5;

  private final String word;

  private LayerNumbers(String word) {
    this.word = word;
  }

  static LayerNumbers of(Collection<String> names) {
    Map<String, Set<Integer>> numbers = new LinkedHashMap<>();
    for (String name : names) {
      for (Numbered part : parts(name)) {
        numbers.computeIfAbsent(part.word, _ -> new TreeSet<>()).add(part.number);
      }
    }
    String most = "";
    for (Map.Entry<String, Set<Integer>> each : numbers.entrySet()) {
      int before = numbers.getOrDefault(most, Set.of()).size();
      int now = each.getValue().size();
      if (now > before || (now == before && most.isEmpty())) {
        most = each.getKey();
      }
    }
    return new LayerNumbers(most);
  }

  /// The layer of a name; empty where it is in none.
  OptionalInt of(String name) {
    return parts(name).stream()
        .filter(part -> part.word.equals(word))
        .mapToInt(Numbered::number)
        .findFirst();
  }

  /// A number in a name, and the word before it; empty at the beginning.
  private record Numbered(String word, int number) {}

  private static List<Numbered> parts(String name) {
    List<Numbered> parts = new ArrayList<>();
    String before = "";
    for (String part : name.split("\\.", -1)) {
      if (part.matches("[0-9]{1," + MOST_DIGITS + "}")) {
        parts.add(new Numbered(before, Integer.parseInt(part)));
      }
      before = part;
    }
    return parts;
  }
}
