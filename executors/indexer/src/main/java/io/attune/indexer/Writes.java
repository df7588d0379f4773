package io.attune.indexer;

import io.attune.document.Document;
import io.attune.indexer.generation.Generation;
import io.attune.indexer.generation.View;
import io.attune.indexer.log.FailedWrite;
import io.attune.indexer.log.IndexLog;
import io.attune.indexer.log.LogOperation;
import io.attune.indexer.log.LogRecord;
import io.attune.indexer.log.PendingRecords;
import io.attune.indexer.log.Ticket;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/// A shard's writes: checked, recorded in the log, answered when they are durable and visible.
///
/// Locks: `writing` orders a write's checks with its place in the log, so that the generation it
/// was checked against is the one it reaches. Nobody waits for the disk inside it.
final class Writes {
  private final IndexLog records;
  private final Generations generations;
  private final Applier applier;
  private final Admission admission;
  private final Followers followers;
  private final Object writing;

  /// @param writing the lock
  Writes(
      IndexLog records,
      Generations generations,
      Applier applier,
      Admission admission,
      Followers followers,
      Object writing) {
    this.records = records;
    this.generations = generations;
    this.applier = applier;
    this.admission = admission;
    this.followers = followers;
    this.writing = writing;
  }

  /// Refuses writes while they could be recorded and not be searched.
  private void requireIndex() {
    try {
      applier.recover(records);
    } catch (IOException e) {
      throw FailedWrite.of("index", e);
    }
  }

  /// Waits until a write is durable, and every generation that holds all the others holds it.
  private void await(Ticket ticket) {
    ticket.awaitApplied();
    followers.awaitWrite(ticket.lastSequence());
  }

  void index(List<Document> documents, String unmarkedSpace) {
    requireIndex();
    List<Vectors.Checked> checked = admission.check(documents, unmarkedSpace);
    List<LogOperation> operations = new ArrayList<>(documents.size());
    for (int i = 0; i < documents.size(); i++) {
      operations.add(put(documents.get(i), checked.get(i)));
    }
    Ticket ticket;
    synchronized (writing) {
      admission.admit(documents, checked);
      ticket = records.append(operations);
    }
    await(ticket);
  }

  private static LogOperation put(Document document, Vectors.Checked checked) {
    return LogOperation.put(OwnMark.mark(document.toProto(), checked.unmarked()));
  }

  List<String> update(List<Document> documents, String unmarkedSpace) {
    requireIndex();
    List<Vectors.Checked> checked = admission.check(documents, unmarkedSpace);
    List<String> unknown = new ArrayList<>();
    Ticket ticket;
    synchronized (writing) {
      admission.admit(documents, checked);
      ticket =
          records.append(pending -> {
            List<LogOperation> operations = new ArrayList<>();
            for (int i = 0; i < documents.size(); i++) {
              Document document = documents.get(i);
              if (exists(document.id(), pending)) {
                operations.add(put(document, checked.get(i)));
              } else {
                unknown.add(document.id());
              }
            }
            return operations;
          });
    }
    await(ticket);
    return unknown;
  }

  List<String> delete(List<String> ids) {
    requireIndex();
    List<String> unknown = new ArrayList<>();
    Ticket ticket;
    synchronized (writing) {
      ticket =
          records.append(pending -> {
            List<LogOperation> operations = new ArrayList<>();
            for (String id : ids) {
              if (!id.isEmpty() && exists(id, pending)) {
                operations.add(LogOperation.delete(id));
              } else {
                unknown.add(id);
              }
            }
            return operations;
          });
    }
    await(ticket);
    return unknown;
  }

  void clear() {
    requireIndex();
    Ticket ticket;
    synchronized (writing) {
      ticket = records.append(List.of(LogOperation.clear()));
    }
    await(ticket);
  }

  private boolean exists(String id, PendingRecords pending) {
    LogRecord newest = pending.newest(id);
    if (newest != null) {
      return !newest.isDelete();
    }
    try {
      for (Generation generation : generations.all()) {
        try (View view = generations.view(generation.spec().space())) {
          if (view != null && view.contains(id)) {
            return true;
          }
        }
      }
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
