package io.attune.trainer.data;

import com.google.protobuf.ByteString;
import io.attune.document.Document;
import io.attune.models.Sha256;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/// The items of the data while it is read: the documents on disk, and what is kept of each in
/// memory: its offset, its content's number and its length.
final class Items implements AutoCloseable {
  private static final int MOST_EXAMPLES = 3;

  private final ItemStore store;
  private final HashIndex contents = new HashIndex();
  private final HashIndex exact = new HashIndex();
  private final IntList contentOf = new IntList();
  private final IntList firstOf = new IntList();
  private final IntList lengths = new IntList();
  private final HashIndex exactRows = new HashIndex();
  private final HashIndex nearRows = new HashIndex();
  private final MessageDigest digest = Sha256.digest();
  private final List<String> notes = new ArrayList<>();
  private int rows;
  private int duplicates;
  private int nearDuplicates;
  private int emptyRows;
  private int partlyEmpty;

  Items(ItemStore store) {
    this.store = store;
  }

  /// Adds an item; its number.
  int add(Document document) {
    int item = store.add(document);
    int content = contents.add(Fingerprint.ofContent(document));
    exact.add(Fingerprint.of(Fingerprint.contentBytes(document)));
    contentOf.add(content);
    if (content == firstOf.size()) {
      firstOf.add(item);
    }
    if (!document.text().isEmpty()) {
      lengths.add(document.text().length());
    }
    return item;
  }

  /// The item of a text, which is the first whose text is the same but for case and spaces.
  int shared(String text) {
    Fingerprint content = Fingerprint.of(Fingerprint.normalized(text));
    int known = contents.size();
    int number = contents.add(content);
    return number < known ? firstOf.get(number) : add(Document.ofText(text));
  }

  /// Counts a row that is used, by what it says.
  ///
  /// @param exactly all that it says, as it is
  /// @param nearly the contents' numbers of its items, and its label
  void row(String exactly, String nearly) {
    rows++;
    byte[] bytes = ByteString.copyFromUtf8(exactly).toByteArray();
    digest.update((byte) 1);
    digest.update(bytes);
    digest.update((byte) 0);
    boolean isNew = isNew(exactRows, Fingerprint.of(bytes));
    boolean isNearlyNew = isNew(nearRows, Fingerprint.of(nearly));
    if (!isNew) {
      duplicates++;
    } else if (!isNearlyNew) {
      nearDuplicates++;
    }
  }

  private static boolean isNew(HashIndex index, Fingerprint key) {
    int known = index.size();
    return index.add(key) == known;
  }

  /// Counts a row that is left out, for it says nothing.
  void emptyRow(String place, String what) {
    rows++;
    emptyRows++;
    if (emptyRows <= MOST_EXAMPLES) {
      note("empty: " + place + ": " + what);
    }
  }

  /// Counts a row of which something is left out, for it is empty.
  void partlyEmpty(String place, String what) {
    partlyEmpty++;
    if (partlyEmpty <= MOST_EXAMPLES) {
      note("partly empty: " + place + ": " + what);
    }
  }

  void note(String line) {
    notes.add(line);
  }

  /// The number of an item's content: equal for items whose text is the same but for case and
  /// spaces.
  int content(int item) {
    return contentOf.get(item);
  }

  int size() {
    return store.size();
  }

  int contentCount() {
    return contents.size();
  }

  /// A text as messages quote it.
  String quoted(int item) {
    Document document = store.get(item);
    return document.text().isEmpty()
        ? "document " + document.id()
        : DataErrors.quoted(document.text());
  }

  void seal() {
    store.seal();
  }

  TrainingData finish(String source, DataForm form, Dataset dataset, Checks checks) {
    List<String> all = new ArrayList<>(notes);
    all.addAll(checks.examples());
    if (partlyEmpty > MOST_EXAMPLES) {
      all.add(partlyEmpty + " rows are partly empty");
    }
    DataReport report =
        new DataReport(
            source,
            form,
            rows,
            store.size(),
            checks.groups(),
            duplicates,
            nearDuplicates,
            checks.conflicts(),
            emptyRows,
            checks.leftOut(),
            Lengths.of(lengths.toArray()),
            all);
    return new TrainingData(
        store,
        dataset,
        contentOf.toArray(),
        contents,
        exact,
        report,
        HexFormat.of().formatHex(digest.digest()));
  }

  /// What a dataset knows of itself when it is complete.
  ///
  /// @param leftOut items that no batch can hold
  record Checks(int groups, int conflicts, int leftOut, List<String> examples) {
    /// Whether another example is wanted.
    static boolean wants(List<String> examples) {
      return examples.size() < MOST_EXAMPLES;
    }
  }

  @Override
  public void close() {
    store.close();
  }

  /// A document's content as a text, for [#row(String, String)].
  static String exactly(Document document) {
    return document.text().isEmpty()
        ? new String(Fingerprint.contentBytes(document), StandardCharsets.ISO_8859_1)
        : document.text();
  }
}
