package io.attune.trainer.data;

import static io.attune.trainer.data.Supervision.Sessions.ANCHOR;
import static io.attune.trainer.data.Supervision.Sessions.NEGATIVE;
import static io.attune.trainer.data.Supervision.Sessions.POSITIVE;

import io.attune.document.Document;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A session dataset while it is read: entries of (session, item, role), sorted at the end.
///
/// Within a session each text is kept once. A text that both belongs and does not belong to its
/// anchor is a conflict and stays as a positive only; the anchor's own text is no positive of it. A
/// session without a positive is left out.
final class SessionBuilder implements DatasetBuilder {
  private final Items items;
  private final IntList sessionOf = new IntList();
  private final IntList itemOf = new IntList();
  private final IntList roleOf = new IntList();
  private final Map<Integer, Integer> sessionOfAnchor = new HashMap<>();
  private final List<String> examples = new ArrayList<>();
  private int sessions;
  private int kept;
  private int conflicts;
  private int identical;
  private int leftOut;

  SessionBuilder(Items items) {
    this.items = items;
  }

  /// A row of texts; rows of one anchor are one session.
  ///
  /// @param negative what does not belong to the anchor; empty for none
  void add(String anchor, String positive, String negative) {
    int root = items.shared(anchor);
    int content = items.content(root);
    Integer session = sessionOfAnchor.get(content);
    if (session == null) {
      session = open(root);
      sessionOfAnchor.put(content, session);
    }
    int belongs = items.shared(positive);
    entry(session, belongs, POSITIVE);
    String nearly = content + " " + items.content(belongs);
    if (!negative.isEmpty()) {
      int other = items.shared(negative);
      entry(session, other, NEGATIVE);
      nearly += " " + items.content(other);
    }
    items.row(anchor + '\0' + positive + '\0' + negative, nearly);
  }

  /// A document with its matches.
  ///
  /// @param roles the role of each match
  void add(Document root, List<Document> matches, byte[] roles) {
    int anchor = items.add(root);
    int session = open(anchor);
    StringBuilder exactly = new StringBuilder(Items.exactly(root));
    StringBuilder nearly = new StringBuilder().append(items.content(anchor));
    for (int i = 0; i < roles.length; i++) {
      int item = items.add(matches.get(i));
      entry(session, item, roles[i]);
      exactly.append('\0').append(roles[i]).append(Items.exactly(matches.get(i)));
      nearly.append(' ').append(roles[i]).append(' ').append(items.content(item));
    }
    items.row(exactly.toString(), nearly.toString());
  }

  private int open(int anchor) {
    entry(sessions, anchor, ANCHOR);
    return sessions++;
  }

  private void entry(int session, int item, byte role) {
    sessionOf.add(session);
    itemOf.add(item);
    roleOf.add(role);
  }

  @Override
  public Dataset finish() {
    int[] starts = new int[sessions + 1];
    for (int i = 0; i < sessionOf.size(); i++) {
      starts[sessionOf.get(i) + 1]++;
    }
    for (int session = 0; session < sessions; session++) {
      starts[session + 1] += starts[session];
    }
    int[] next = starts.clone();
    int[] entries = new int[sessionOf.size()];
    for (int i = 0; i < entries.length; i++) {
      entries[next[sessionOf.get(i)]++] = i;
    }
    IntList keptStarts = new IntList();
    IntList keptItems = new IntList();
    IntList keptRoles = new IntList();
    keptStarts.add(0);
    for (int session = 0; session < sessions; session++) {
      if (keep(entries, starts[session], starts[session + 1], keptItems, keptRoles)) {
        keptStarts.add(keptItems.size());
      }
    }
    kept = keptStarts.size() - 1;
    byte[] roles = new byte[keptRoles.size()];
    for (int i = 0; i < roles.length; i++) {
      roles[i] = (byte) keptRoles.get(i);
    }
    return new Dataset.Sessions(keptStarts.toArray(), keptItems.toArray(), roles);
  }

  private boolean keep(int[] entries, int from, int to, IntList keptItems, IntList keptRoles) {
    Map<Integer, Byte> seen = new HashMap<>();
    seen.put(items.content(itemOf.get(entries[from])), ANCHOR);
    int positives = 0;
    for (byte role : new byte[] {POSITIVE, NEGATIVE}) {
      for (int i = from + 1; i < to; i++) {
        int item = itemOf.get(entries[i]);
        if (roleOf.get(entries[i]) == role && isFirst(seen, item, role)) {
          if (role == POSITIVE && positives++ == 0) {
            keptItems.add(itemOf.get(entries[from]));
            keptRoles.add(ANCHOR);
          }
          if (positives > 0) {
            keptItems.add(item);
            keptRoles.add(role);
          }
        }
      }
    }
    leftOut += positives == 0 ? to - from : 0;
    return positives > 0;
  }

  private boolean isFirst(Map<Integer, Byte> seen, int item, byte role) {
    Byte before = seen.putIfAbsent(items.content(item), role);
    if (before == null) {
      return true;
    }
    if (before == ANCHOR && role == POSITIVE) {
      identical++;
    } else if (before != role) {
      conflicts++;
      if (Items.Checks.wants(examples)) {
        examples.add(
            "conflict: %s belongs and does not belong to its anchor".formatted(items.quoted(item)));
      }
    }
    return false;
  }

  @Override
  public Items.Checks checks() {
    List<String> lines = new ArrayList<>(examples);
    if (identical > 0) {
      lines.add(identical + " positives that equal their anchor, left out");
    }
    return new Items.Checks(kept, conflicts, leftOut, lines);
  }
}
