package io.attune.trainer.data;

import io.attune.document.Document;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Which rows must stay together: those with an equal key, over any number of rows.
final class RowGroups {
  private static final int FEW_LABELS = 10;

  private final HashIndex keys = new HashIndex();
  private final UnionFind sets = new UnionFind(0);
  private final IntList keyOfRow = new IntList();
  private final String splitBy;
  private final double negative;
  private final RowSource source;

  private RowGroups(RowSource source, DataOptions options) {
    this.source = source;
    this.splitBy = options.splitBy();
    this.negative = options.negative();
  }

  static RowGroups of(RowSource source, DataOptions options) {
    RowGroups groups = new RowGroups(source, options);
    HashIndex labels = new HashIndex();
    groups.read(true, labels);
    if (labels.size() == 0 || labels.size() >= FEW_LABELS) {
      return groups;
    }
    RowGroups byText = new RowGroups(source, options);
    byText.read(false, labels);
    return byText;
  }

  /// @param labelled whether an equal label keeps rows together
  /// @param labels takes the labels, where they are what keeps rows together
  private void read(boolean labelled, HashIndex labels) {
    source.each((form, row, place, _) -> {
      List<Fingerprint> found = new ArrayList<>();
      if (!splitBy.isEmpty()) {
        found.add(group(row, place));
      } else {
        found.addAll(texts(form, row));
        String name = form == DataForm.DOCUMENTS ? Tags.LABEL : "label";
        boolean isLabelled = form == DataForm.LABELED || row.tag(Tags.LABEL).isPresent();
        if (isLabelled) {
          Fingerprint label = Fingerprint.of("label " + Tags.text(row, name).orElse(""));
          labels.add(label);
          if (labelled) {
            found.add(label);
          }
        }
      }
      if (found.isEmpty()) {
        found.add(Fingerprint.of("empty " + place));
      }
      add(found);
    });
  }

  private void add(List<Fingerprint> found) {
    int first = keys.add(found.getFirst());
    sets.grow(keys.size());
    for (Fingerprint key : found) {
      int number = keys.add(key);
      sets.grow(keys.size());
      sets.union(first, number);
    }
    keyOfRow.add(first);
  }

  private Fingerprint group(Document row, String place) {
    String value = splitBy.equals("text") ? row.text() : Tags.text(row, splitBy).orElse("");
    if (value.isBlank()) {
      throw DataErrors.at(place, splitBy + ": none (expected: the group of the row, for split_by)");
    }
    return Fingerprint.of(value);
  }

  /// The texts that keep a row with others; not what does not belong to its anchor, and nothing
  /// empty.
  private List<Fingerprint> texts(DataForm form, Document row) {
    List<Fingerprint> texts = new ArrayList<>();
    if (form == DataForm.DOCUMENTS) {
      addContent(texts, row);
      for (Document match : row.matches()) {
        Double label = Tags.number(match, Tags.LABEL);
        if (label == null || label != negative) {
          addContent(texts, match);
        }
      }
      row.chunks().forEach(chunk -> addContent(texts, chunk));
      return texts;
    }
    for (String column : form.columns()) {
      if (column.equals("text")) {
        addContent(texts, row);
      } else if (!List.of("label", "score", "negative").contains(column)) {
        String text = Tags.text(row, column).orElse("");
        if (!text.isBlank()) {
          texts.add(Fingerprint.of(Fingerprint.normalized(text)));
        }
      }
    }
    return texts;
  }

  private static void addContent(List<Fingerprint> texts, Document document) {
    if (!RowReader.isEmpty(document)) {
      texts.add(Fingerprint.ofContent(document));
    }
  }

  /// Groups in a seeded order, as many as fit into the part.
  boolean[] heldOut(double fraction, long seed) {
    int rows = keyOfRow.size();
    int[] sizes = new int[keys.size()];
    for (int row = 0; row < rows; row++) {
      sizes[group(row)]++;
    }
    int[] order = new int[keys.size()];
    Arrays.setAll(order, i -> i);
    SplitMix.of(seed, rows).shuffle(order, 0, order.length);
    int most = Math.max(1, (int) Math.round(fraction * rows));
    int taken = 0;
    boolean[] chosen = new boolean[keys.size()];
    for (int group : order) {
      if (sizes[group] > 0 && taken + sizes[group] <= most && taken + sizes[group] < rows) {
        chosen[group] = true;
        taken += sizes[group];
      }
    }
    if (taken == 0) {
      throw DataErrors.invalid(
          "val_split: %s of %d rows, whose smallest group has %d (expected: groups that fit, or eval_data)"
              .formatted(
                  fraction, rows, Arrays.stream(sizes).filter(size -> size > 0).min().orElse(0)));
    }
    boolean[] held = new boolean[rows];
    for (int row = 0; row < rows; row++) {
      held[row] = chosen[group(row)];
    }
    return held;
  }

  private int group(int row) {
    return sets.find(keyOfRow.get(row));
  }

  /// What was divided.
  List<String> lines(boolean... held) {
    boolean[] groups = new boolean[keys.size()];
    boolean[] heldGroups = new boolean[keys.size()];
    int rows = 0;
    for (int row = 0; row < held.length; row++) {
      groups[group(row)] = true;
      heldGroups[group(row)] |= held[row];
      rows += held[row] ? 1 : 0;
    }
    return List.of(
        "held out for val_loss: %,d of %,d rows, in %,d of %,d groups%s"
            .formatted(
                rows,
                held.length,
                count(heldGroups),
                count(groups),
                splitBy.isEmpty() ? "" : " of " + splitBy));
  }

  private static int count(boolean... values) {
    int count = 0;
    for (boolean value : values) {
      count += value ? 1 : 0;
    }
    return count;
  }
}
