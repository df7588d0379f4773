package io.attune.trainer.label;

import com.google.protobuf.Struct;
import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.models.Durable;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.trainer.data.Tags;
import io.attune.trainer.dataset.Datasets;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/// The documents that are asked about and what was said of them, on disk: both survive a restart,
/// and a request that was answered is there. One thread changes them at a time; any may read.
final class Labels {
  private static final String FED = "fed";
  private static final String LABELLED = "labelled";
  private static final String WANTED = "wanted";
  private static final String TERMINATED = "terminated";

  private final Path folder;
  private final Datasets kept;
  private final Set<String> fed = ConcurrentHashMap.newKeySet();

  /// @param mostBytes the most of all together
  Labels(Path folder, long mostBytes, boolean clearLabels) {
    this.folder = folder;
    this.kept = Datasets.lasting(folder.resolve("documents"), mostBytes);
    if (clearLabels && kept.documents(LABELLED) > 0) {
      var _ = kept.delete(LABELLED);
    }
    each(document -> fed.add(document.id()));
  }

  /// Adds documents to ask about, without labels that they have; those that are there already are
  /// passed over.
  ///
  /// @return how many were added
  int feed(String requestId, DocumentArray documents) {
    DocumentArray added = DocumentArray.of();
    Set<String> ids = new HashSet<>();
    for (Document document : documents) {
      if (!fed.contains(document.id()) && ids.add(document.id())) {
        Struct tags = document.tags().toBuilder().removeFields(Tags.LABEL).build();
        added.add(document.copy().tags(tags));
      }
    }
    var _ = kept.add(FED, requestId, added);
    fed.addAll(ids);
    return ids.size();
  }

  /// How many documents there are to ask about.
  int size() {
    return fed.size();
  }

  /// Tells all documents in the order in which they came.
  void each(Consumer<Document> documents) {
    if (kept.documents(FED) > 0) {
      kept.each(FED, documents);
    }
  }

  /// The documents of some ids.
  Map<String, Document> find(Set<String> ids) {
    Map<String, Document> found = new LinkedHashMap<>();
    each(document -> {
      if (ids.contains(document.id())) {
        found.put(document.id(), document);
      }
    });
    return found;
  }

  /// Adds labels; durable when this returns.
  ///
  /// @param questions with their matches, all with their content
  void label(String requestId, DocumentArray questions) {
    var _ = kept.add(LABELLED, requestId, questions);
  }

  /// All questions that were answered, with their matches. Of one match the last word counts.
  List<Document> labelled() {
    Map<String, Document> questions = new LinkedHashMap<>();
    Map<String, Map<String, Document>> matches = new LinkedHashMap<>();
    if (kept.documents(LABELLED) > 0) {
      kept.each(
          LABELLED,
          question -> {
            questions.put(question.id(), question);
            Map<String, Document> of =
                matches.computeIfAbsent(question.id(), _ -> new LinkedHashMap<>());
            question.matches().forEach(match -> of.put(match.id(), match));
          });
    }
    List<Document> labelled = new ArrayList<>();
    matches.forEach((id, of) -> {
      Document question = questions.get(id);
      if (question != null) {
        labelled.add(question.copy().matches(List.copyOf(of.values())));
      }
    });
    return labelled;
  }

  /// Notes that what is labelled is to be trained.
  void want(int epochs) {
    write(WANTED, String.valueOf(epochs));
  }

  /// For how many epochs what is labelled is to be trained; empty where it was.
  OptionalInt wanted() {
    return read(WANTED)
        .map(text -> OptionalInt.of(Integer.parseInt(text)))
        .orElse(OptionalInt.empty());
  }

  /// Notes that a run trains it.
  void trained() {
    delete(WANTED);
  }

  void terminate(boolean over) {
    if (over) {
      write(TERMINATED, "");
    } else {
      delete(TERMINATED);
    }
  }

  boolean isTerminated() {
    return Files.exists(folder.resolve(TERMINATED));
  }

  private Optional<String> read(String name) {
    try {
      return Optional.of(Files.readString(folder.resolve(name)));
    } catch (NoSuchFileException _) {
      return Optional.empty();
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private void write(String name, String text) {
    try {
      Durable.write(folder, name, text);
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private void delete(String name) {
    try {
      if (Files.deleteIfExists(folder.resolve(name))) {
        Durable.syncFolder(folder);
      }
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private FlowException failed(IOException cause) {
    return new FlowException(
        ErrorCode.INTERNAL, "labels: %s: %s".formatted(folder, cause.getMessage()), cause);
  }
}
