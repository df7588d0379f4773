package io.attune.trainer.label;

import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.models.StoredModel;
import io.attune.proto.docarray.DocumentProto.ContentCase;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.trainer.data.DataOptions;
import io.attune.trainer.data.Tags;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A session of labelling: documents are fed, questions asked, answers kept and trained, each
/// submission all labels so far, in a run that goes on from the model of the one before. Documents
/// and labels are on disk; the session is there again after a restart.
///
/// The lock guards what changes the labels; reading them needs none. Embeddings are computed by one
/// thread of their own, from a bounded queue.
public final class Labelling implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Labelling.class);
  private static final int MOST_WAITING = 16;

  private final LabelOptions options;
  private final SessionRuns runs;
  private final ReentrantLock lock = new ReentrantLock();
  private final Labels labels;
  private final Embeddings embeddings;
  private final Questions questions;
  private final ExecutorService embedding =
      new ThreadPoolExecutor(
          1,
          1,
          0,
          TimeUnit.SECONDS,
          new LinkedBlockingQueue<>(MOST_WAITING),
          Thread.ofPlatform().name("labelling-", 0).daemon().factory());

  /// @param folder where documents and labels are kept
  /// @param mostBytes the most of both
  public Labelling(Path folder, long mostBytes, LabelOptions options, SessionRuns runs) {
    this(folder, mostBytes, options, runs, ModelEmbedder::open, RandomGenerator.getDefault());
  }

  Labelling(
      Path folder,
      long mostBytes,
      LabelOptions options,
      SessionRuns runs,
      Function<StoredModel, Embedder> embedders,
      RandomGenerator random) {
    this.options = options;
    this.runs = runs;
    this.labels = new Labels(folder, mostBytes, options.clearLabelsOnStart());
    this.embeddings = new Embeddings(embedders);
    this.questions = new Questions(embeddings, random);
  }

  /// Adds documents to ask about; begins a new session where one was terminated.
  ///
  /// @return how many there are now, and how many were added: those that were not there
  public Map<String, Integer> feed(DocumentArray documents) {
    lock.lock();
    try {
      int added = labels.feed(documents);
      labels.terminate(false);
      return Map.of("documents", labels.size(), "added", added);
    } finally {
      lock.unlock();
    }
  }

  /// Questions with matches to judge.
  ///
  /// @param model the model that found the matches, `name@version`; empty where there is none yet
  /// @param of how many documents there are to ask about
  public record Asked(DocumentArray questions, String model, int of) {}

  /// The next questions.
  ///
  /// @throws FlowException RESOURCE_EXHAUSTED where too many ask; FAILED_PRECONDITION where the
  ///   session is over
  public Asked next(NextQuestions asked) {
    try {
      return CompletableFuture.supplyAsync(() -> ask(asked), embedding).join();
    } catch (RejectedExecutionException e) {
      throw new FlowException(
          ErrorCode.RESOURCE_EXHAUSTED,
          "/next: %d requests are waiting (expected: fewer)".formatted(MOST_WAITING),
          e);
    } catch (CompletionException e) {
      throw e.getCause() instanceof FlowException known
          ? known
          : new FlowException(ErrorCode.INTERNAL, "/next: " + e.getMessage(), e);
    }
  }

  private Asked ask(NextQuestions asked) {
    requireOpen();
    Optional<StoredModel> model = model();
    List<Document> next = questions.ask(labels, asked, model);
    return new Asked(
        DocumentArray.of(next), model.map(each -> each.id().toString()).orElse(""), labels.size());
  }

  /// The model of now: that of the last run of this session, or the one that it began with; empty
  /// for an architecture before its first run.
  public Optional<StoredModel> model() {
    return runs.tuned(options.experiment()).or(() -> runs.base(options.model()));
  }

  /// Keeps labels, and trains all that there are.
  ///
  /// @param submitted questions with matches that have tag `finetuner_label`; contents are looked
  ///   up by id where they have none
  /// @param epochs null for those of the options
  /// @return `labelled` (questions, of all), and the run's summary, or `waiting` where it starts
  ///   when another is over, or `refused` and why where the labels cannot be trained on yet
  /// @throws FlowException where a label is wrong, or a document is not known; nothing is kept
  public Map<String, @Nullable Object> submit(
      String requestId, DocumentArray submitted, @Nullable Integer epochs) {
    lock.lock();
    try {
      requireOpen();
      boolean fresh = labels.label(requestId, complete(submitted));
      if (fresh || labels.wanted().isEmpty()) { // sent again, it is the same run
        labels.want(epochs == null ? options.epochs() : epochs);
      }
      return train(labels.wanted().orElseThrow());
    } finally {
      lock.unlock();
    }
  }

  /// Trains labels that wait for it, where a run can start now.
  public void trainWhatWaits() {
    lock.lock();
    try {
      Labels.Wanted wanted = labels.wanted().orElse(null);
      if (!labels.isTerminated() && wanted != null && runs.hasRoom()) {
        var _ = train(wanted);
      }
    } catch (FlowException e) {
      log.atWarn().addKeyValue("why", e.getMessage()).log("labels are not trained");
    } finally {
      lock.unlock();
    }
  }

  private Map<String, @Nullable Object> train(Labels.Wanted wanted) {
    List<Document> all = labels.labelled();
    Map<String, @Nullable Object> result = new LinkedHashMap<>();
    try {
      String model =
          runs.tuned(options.experiment()).map(each -> each.id().toString()).orElse(null);
      result.putAll(
          runs.start(
              wanted.cause(), options.values(wanted.epochs(), model), DocumentArray.of(all)));
      labels.trained();
    } catch (FlowException e) {
      if (e.code() == ErrorCode.RESOURCE_EXHAUSTED) {
        result.put("waiting", true);
      } else {
        labels.trained();
        result.put("refused", e.getMessage());
      }
    }
    result.put("labelled", all.size());
    return result;
  }

  private void requireOpen() {
    if (labels.isTerminated()) {
      throw new FlowException(
          ErrorCode.FAILED_PRECONDITION, "session: terminated (expected: /feed begins another)");
    }
  }

  /// Questions and matches with their contents.
  private DocumentArray complete(DocumentArray submitted) {
    if (submitted.isEmpty()) {
      throw FlowException.invalid("documents: none (expected: questions with labelled matches)");
    }
    Set<String> ids = new HashSet<>();
    for (Document question : submitted) {
      requireLabels(question);
      ids.add(question.id());
      question.matches().forEach(match -> ids.add(match.id()));
    }
    Map<String, Document> known = labels.find(ids);
    List<String> unknown = new ArrayList<>();
    DocumentArray complete = DocumentArray.of();
    for (Document question : submitted) {
      List<Document> matches = new ArrayList<>();
      for (Document match : question.matches()) {
        matches.add(
            content(match, known, unknown).tag(Tags.LABEL, match.tag(Tags.LABEL).orElseThrow()));
      }
      complete.add(content(question, known, unknown).matches(matches));
    }
    if (!unknown.isEmpty()) {
      throw new FlowException(
          ErrorCode.NOT_FOUND,
          "documents: %s not known, and without content (expected: those of /next)"
              .formatted(String.join(", ", unknown.stream().distinct().limit(10).toList())));
    }
    return complete;
  }

  private static Document content(
      Document document, Map<String, Document> known, List<String> unknown) {
    Document fed = known.get(document.id());
    if (fed == null && document.contentCase() == ContentCase.CONTENT_NOT_SET) {
      unknown.add(document.id());
    }
    return fed == null ? document.copy().matches(List.of()) : fed.copy();
  }

  private void requireLabels(Document question) {
    if (question.matchCount() == 0) {
      throw FlowException.invalid(
          "document %s: no matches (expected: matches with tag %s)"
              .formatted(question.id(), Tags.LABEL));
    }
    DataOptions data = options.config().csvOptions();
    for (Document match : question.matches()) {
      double label = match.tag(Tags.LABEL).map(value -> value.getNumberValue()).orElse(Double.NaN);
      if (label != data.positive() && label != data.negative()) {
        throw FlowException.invalid(
            "match %s of %s: %s: %s (expected: %s or %s)"
                .formatted(
                    match.id(),
                    question.id(),
                    Tags.LABEL,
                    Double.isNaN(label) ? "none" : label,
                    data.positive(),
                    data.negative()));
      }
    }
  }

  /// Ends the session. Labels stay; what goes on goes on.
  ///
  /// @return `labelled`: how many questions
  public Map<String, Integer> terminate() {
    lock.lock();
    try {
      labels.terminate(true);
      return Map.of("labelled", labels.labelled().size());
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    embedding.close();
    embeddings.close();
  }
}
