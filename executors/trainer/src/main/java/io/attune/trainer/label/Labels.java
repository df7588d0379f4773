package io.attune.trainer.label;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Struct;
import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.models.Durable;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.trainer.data.Tags;
import io.attune.trainer.dataset.Datasets;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
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
  /// passed over, so that a request that is sent again adds nothing.
  ///
  /// @return how many were added
  int feed(DocumentArray documents) {
    DocumentArray added = DocumentArray.of();
    Set<String> ids = new HashSet<>();
    for (Document document : documents) {
      if (!fed.contains(document.id()) && ids.add(document.id())) {
        Struct tags = document.tags().toBuilder().removeFields(Tags.LABEL).build();
        added.add(document.copy().tags(tags));
      }
    }
    var _ = kept.add(FED, "", added);
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
  /// @param requestId the same id with the same questions adds nothing
  /// @param questions with their matches, all with their content
  /// @return whether they were added
  boolean label(String requestId, DocumentArray questions) {
    long before = kept.documents(LABELLED);
    String request = requestId.isEmpty() ? "" : requestId + " " + digest(questions);
    return kept.add(LABELLED, request, questions).documents() > before;
  }

  /// Clients number their requests as they like: a number used again is no request sent again.
  private static UUID digest(DocumentArray documents) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    out.useDeterministicSerialization();
    try {
      documents.toProto().writeTo(out);
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory does not fail
    }
    return UUID.nameUUIDFromBytes(bytes.toByteArray());
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

  /// Labels that are to be trained.
  ///
  /// @param cause what their run is found by
  record Wanted(int epochs, UUID cause) {}

  /// Notes that what is labelled is to be trained.
  void want(int epochs) {
    write(WANTED, epochs + " " + UUID.randomUUID());
  }

  /// How what is labelled is to be trained; empty where it was.
  Optional<Wanted> wanted() {
    Optional<String[]> words = read(WANTED).map(text -> text.split(" ", 2));
    if (words.isPresent() && words.get().length == 1) { // a note of before runs had causes
      want(Integer.parseInt(words.get()[0]));
      return wanted();
    }
    return words.map(each -> new Wanted(Integer.parseInt(each[0]), UUID.fromString(each[1])));
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
