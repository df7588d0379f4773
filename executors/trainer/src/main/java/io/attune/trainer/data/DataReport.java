package io.attune.trainer.data;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// What was read, and what in it deserves a look.
///
/// @param source what was read: a file's name, or `documents`
/// @param form what the rows say
/// @param rows how many rows were read, those left out by `size` and `sampling_rate` not counted
/// @param items how many items the rows make
/// @param groups how many classes, sessions or scored pairs
/// @param duplicates rows that say exactly what an earlier row says
/// @param nearDuplicates rows that say what an earlier row says but for case, white space or
///   Unicode's compatibility forms
/// @param conflicts texts with different labels, texts that both belong and do not belong to an
///   anchor, or pairs with different scores
/// @param emptyRows rows without a text where one is needed; they are left out
/// @param leftOut items that no batch can hold: a class of one text, an anchor without a positive
/// @param lengths how long the texts are
/// @param notes more, one line each; examples of the above with their places
public record DataReport(
    String source,
    DataForm form,
    int rows,
    int items,
    int groups,
    int duplicates,
    int nearDuplicates,
    int conflicts,
    int emptyRows,
    int leftOut,
    Lengths lengths,
    List<String> notes) {
  public DataReport {
    notes = List.copyOf(notes);
  }

  /// The report for people, one line each.
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add(
        "%s: %,d rows (%s), %,d items, %,d %s"
            .formatted(source, rows, form, items, groups, groupName()));
    if (lengths.count() > 0) {
      lines.add(
          "length in characters: median %,d, 95 %% up to %,d, longest %,d"
              .formatted(lengths.median(), lengths.p95(), lengths.longest()));
    }
    add(lines, emptyRows, "empty rows, left out");
    add(lines, duplicates, "rows that repeat an earlier one exactly");
    add(lines, nearDuplicates, "rows that repeat an earlier one but for case and spaces");
    add(lines, conflicts, conflictName());
    add(lines, leftOut, "items that have nothing to be paired with, in no batch");
    lines.addAll(notes);
    return List.copyOf(lines);
  }

  private static void add(List<String> lines, int count, String what) {
    if (count > 0) {
      lines.add(String.format(Locale.ROOT, "%,d %s", count, what));
    }
  }

  private String groupName() {
    return switch (form) {
      case AUTO, DOCUMENTS -> "groups";
      case LABELED, PAIRS -> "classes";
      case SCORED -> "scored pairs";
      case ANCHORED, TRIPLETS -> "sessions";
    };
  }

  private String conflictName() {
    return switch (form) {
      case SCORED -> "conflicts: pairs with different scores";
      case ANCHORED, TRIPLETS -> "conflicts: texts that belong and do not belong to their anchor";
      case AUTO, DOCUMENTS, LABELED, PAIRS -> "conflicts: texts with different labels";
    };
  }
}
