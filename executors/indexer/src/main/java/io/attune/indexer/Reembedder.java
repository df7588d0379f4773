package io.attune.indexer;

import io.attune.document.Document;
import io.attune.indexer.Missing.Reason;
import io.attune.indexer.generation.Change;
import io.attune.indexer.generation.Content;
import io.attune.indexer.generation.GenerationSpec;
import io.attune.indexer.reembed.Embedder;
import io.attune.proto.docarray.DocumentProto;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.channel.BrokenConnectionException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Gives documents the vectors of a generation's space: in calls of bounded size, each answer
/// checked. A call that fails because of its documents is made again for each of them alone; one
/// that fails three times is missing, with its reason.
///
/// Some failures do not tell whether it is the document or the embedder that is to blame: too much,
/// too slow, not now. They are thrown, and whoever calls rests and comes again. A document that was
/// in ten such calls is asked for alone from then on; where that fails, too, while one that was
/// embedded before can be embedded now, and that three times with a rest between, it is the
/// document.
///
/// A connection that breaks under a call may mean that a document ends the embedder's process.
/// Those of the call are asked for alone from then on, once the embedder answers for another one.
/// One that is alone in a call under which the connection breaks, right behind such an answer,
/// three times, is the document. An embedder that cannot be reached is waited for. [Doubts] keeps
/// count. For use by one thread.
final class Reembedder {
  /// The vectors that are asked for at once.
  static final int MOST_VECTORS = 64;

  private static final Logger log = LoggerFactory.getLogger(Reembedder.class);
  private static final int MOST_BYTES = 4 << 20;

  /// Tells whether the embedder works where it has embedded nothing yet.
  private static final Document PROBE = Document.ofText("a").id("probe");

  private final Embedder embedder;
  private final GenerationSpec spec;
  private final Embeddability embeddability;
  private final Missing missing;
  private final Vectors vectors;
  private final Doubts doubts = new Doubts();
  private Document witness = PROBE;

  /// @param missing told of every document: those that got their vectors, and those that did not
  Reembedder(Embedder embedder, GenerationSpec spec, Embeddability embeddability, Missing missing) {
    this.embedder = embedder;
    this.spec = spec;
    this.embeddability = embeddability;
    this.missing = missing;
    this.vectors = new Vectors(spec.metric(), "");
  }

  /// A document to embed.
  ///
  /// @param sequence the record that made it
  /// @param content with its vectors of whatever space
  record Source(long sequence, Content content) {}

  /// Embeds documents, and answers the changes that put them into the generation. For one that
  /// cannot be embedded it is a delete: what the generation holds under its id is older.
  ///
  /// @throws FlowException where the embedder cannot work now; nothing is missing for that
  List<Change> embed(List<Source> sources) {
    List<Change> changes = new ArrayList<>(sources.size());
    List<Reembedding> jobs = new ArrayList<>();
    for (Source source : sources) {
      Optional<Reason> reason = embeddability.reasonAgainst(source.content());
      if (reason.isPresent()) {
        changes.add(missing(source.sequence(), source.content().source().getId(), reason.get()));
      } else {
        jobs.add(
            new Reembedding(
                source.sequence(), source.content(), embeddability.kept(source.content())));
      }
    }
    for (List<Reembedding> together : slices(jobs)) {
      embedTogether(together, changes);
    }
    return changes;
  }

  /// No document is missing any more: all were deleted, or they are gone through again.
  void cleared() {
    missing.clear();
  }

  /// A document is not missing any more: it is deleted, or came with a vector of the space.
  void settled(String id) {
    missing.remove(id);
  }

  private Change missing(long sequence, String id, Reason reason) {
    missing.add(id, reason);
    return Change.delete(sequence, id);
  }

  /// Documents that are asked for in one call, unless one alone is too large for that.
  private static List<List<Reembedding>> slices(List<Reembedding> jobs) {
    List<List<Reembedding>> slices = new ArrayList<>();
    int parts = MOST_VECTORS;
    long bytes = 0;
    for (Reembedding job : jobs) {
      long size = job.parts().values().stream().mapToLong(DocumentProto::getSerializedSize).sum();
      if (slices.isEmpty()
          || parts + job.parts().size() > MOST_VECTORS
          || bytes + size > MOST_BYTES) {
        slices.add(new ArrayList<>());
        parts = 0;
        bytes = 0;
      }
      slices.getLast().add(job);
      parts += job.parts().size();
      bytes += size;
    }
    return slices;
  }

  private void embedTogether(List<Reembedding> jobs, List<Change> changes) {
    List<Optional<Reason>> failures = doubts.isAny(jobs) ? embedDoubted(jobs) : embedTrusted(jobs);
    for (int i = 0; i < jobs.size(); i++) {
      Reembedding job = jobs.get(i);
      Optional<Reason> failure = failures.get(i);
      if (failure.isPresent()) {
        changes.add(missing(job.sequence(), job.id(), failure.get()));
      } else {
        missing.remove(job.id());
        changes.add(Change.upsert(job.sequence(), job.id(), job.content()));
      }
    }
  }

  private List<Optional<Reason>> embedTrusted(List<Reembedding> jobs) {
    List<Optional<Reason>> failures = new ArrayList<>();
    try {
      failures.addAll(attempt(jobs));
    } catch (FlowException e) {
      requireAboutDocuments(e, jobs);
      jobs.forEach(job -> failures.add(embedAlone(job)));
    }
    return failures;
  }

  /// Asks for each alone. One that fails without telling why, or under which the connection breaks,
  /// is missing if it has done so often enough while the embedder worked.
  ///
  /// @throws FlowException where the embedder does not work, or to be called again after a rest
  private List<Optional<Reason>> embedDoubted(List<Reembedding> jobs) {
    requireAnswers();
    List<Optional<Reason>> failures = new ArrayList<>();
    FlowException again = null;
    for (Reembedding job : jobs) {
      if (doubts.isGivenUp(job)) {
        failures.add(Optional.of(Reason.FAILED));
        continue;
      }
      try {
        failures.add(embedAlone(job));
      } catch (FlowException e) {
        requireDoubtful(e);
        int times = doubts.failedAlone(job);
        warn(e, times);
        if (BrokenConnectionException.isCauseOf(e)) {
          throw e; // nothing answers now
        }
        if (times < Doubts.ATTEMPTS) {
          again = e;
        }
        failures.add(Optional.of(Reason.FAILED));
      }
    }
    if (again != null) {
      throw again;
    }
    return failures;
  }

  /// Goes on only where the embedder answers, whatever it says.
  private void requireAnswers() {
    try {
      var _ = embedder.embed(List.of(witness));
    } catch (FlowException e) {
      if (!isAboutDocuments(e)) {
        throw e;
      }
    }
  }

  /// Goes on only where a failure may be about one document: the connection broke under it, or the
  /// embedder works for another one.
  private void requireDoubtful(FlowException failure) {
    if (BrokenConnectionException.isCauseOf(failure)) {
      return;
    }
    if (!isUnclear(failure)) {
      throw failure;
    }
    try {
      Document answer = embedder.embed(List.of(witness)).getFirst();
      if (answer.hasEmbedding()) {
        var _ = vector(answer);
        return;
      }
    } catch (FlowException e) {
      failure.addSuppressed(e);
    }
    throw failure;
  }

  private Optional<Reason> embedAlone(Reembedding job) {
    for (int attempt = 1; attempt <= Doubts.ATTEMPTS; attempt++) {
      try {
        return attempt(List.of(job)).getFirst();
      } catch (FlowException e) {
        requireAboutDocuments(e, List.of(job));
        warn(e, attempt);
      }
    }
    return Optional.of(Reason.FAILED);
  }

  private void warn(FlowException failure, int attempt) {
    log.atWarn()
        .addKeyValue("space", spec.space())
        .addKeyValue("attempt", attempt)
        .addKeyValue("reason", failure.getMessage())
        .log("a document could not be embedded");
  }

  private void requireAboutDocuments(FlowException failure, List<Reembedding> jobs) {
    if (BrokenConnectionException.isCauseOf(failure)) {
      doubts.brokeTogether(jobs);
    } else if (isUnclear(failure)) {
      doubts.failedTogether(jobs);
    }
    if (!isAboutDocuments(failure)) {
      throw failure;
    }
  }

  private static boolean isAboutDocuments(FlowException failure) {
    return switch (failure.code()) {
      case UNAVAILABLE,
          RESOURCE_EXHAUSTED,
          DEADLINE_EXCEEDED,
          CANCELLED,
          FAILED_PRECONDITION,
          UNAUTHENTICATED,
          PERMISSION_DENIED,
          UNIMPLEMENTED ->
          false;
      case INVALID_ARGUMENT, NOT_FOUND, ALREADY_EXISTS, INTERNAL, DATA_LOSS -> true;
    };
  }

  /// Whether a failure may be about the documents as well as about the embedder.
  private static boolean isUnclear(FlowException failure) {
    return switch (failure.code()) {
      case RESOURCE_EXHAUSTED, DEADLINE_EXCEEDED, FAILED_PRECONDITION -> true;
      default -> false;
    };
  }

  /// Embeds all or nothing, and answers for each document why it got no vector.
  private List<Optional<Reason>> attempt(List<Reembedding> jobs) {
    List<Optional<Reason>> reasons = new ArrayList<>();
    List<Document> parts = new ArrayList<>();
    for (Reembedding job : jobs) {
      job.parts().values().forEach(part -> parts.add(Document.from(part)));
    }
    List<Document> answers = embedInSlices(parts);
    int next = 0;
    for (Reembedding job : jobs) {
      Optional<Reason> reason = Optional.empty();
      for (Map.Entry<String, DocumentProto> part : job.parts().entrySet()) {
        Document answer = answers.get(next++);
        if (answer.hasEmbedding()) {
          job.vector(part.getKey(), vector(answer));
          witness = parts.get(next - 1);
        } else {
          reason = Optional.of(Reason.NO_CONTENT);
        }
      }
      reasons.add(reason);
    }
    jobs.forEach(doubts::trust);
    return reasons;
  }

  private List<Document> embedInSlices(List<Document> parts) {
    List<Document> answers = new ArrayList<>(parts.size());
    for (int from = 0; from < parts.size(); from += MOST_VECTORS) {
      List<Document> slice = parts.subList(from, Math.min(parts.size(), from + MOST_VECTORS));
      List<Document> answered = embedder.embed(slice);
      if (answered.size() != slice.size()) {
        throw new FlowException(
            ErrorCode.FAILED_PRECONDITION,
            "embedder: %d documents (expected: %d)".formatted(answered.size(), slice.size()));
      }
      answers.addAll(answered);
    }
    return answers;
  }

  private float[] vector(Document answer) {
    String space = answer.embeddingSpace().orElse("none");
    if (!space.equals(spec.space())) {
      throw new FlowException(
          ErrorCode.FAILED_PRECONDITION,
          "embedder: a vector of space %s (expected: %s)".formatted(space, spec.space()));
    }
    Vectors.Checked checked = vectors.query(answer);
    if (checked.vector().length != spec.dimension()) {
      throw new FlowException(
          ErrorCode.FAILED_PRECONDITION,
          "embedder: a vector of dimension %d (expected: %d)"
              .formatted(checked.vector().length, spec.dimension()));
    }
    return checked.vector();
  }
}
