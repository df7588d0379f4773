package io.attune.trainer.dataset;

import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.document.file.DocumentFile;
import io.attune.document.file.DocumentReader;
import io.attune.document.file.DocumentWriter;
import io.attune.models.Durable;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.registry.Spelling;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Documents that clients sent ahead of `/fit`, under names: clients split what they post into
/// requests, and many documents do not fit one.
///
/// Each request is a file of its own, synced before it is answered, in the order of arrival. Its
/// name has the number of its documents and the id of its request, so that one sent again, as
/// gateways do that lost an answer, is not there twice. The lock guards what adds and removes
/// files; a folder of runs has one trainer at a time.
public final class Datasets {
  private static final Pattern PIECE =
      Pattern.compile("(\\d{8})-(\\d+)-([0-9a-f-]{36})\\.protobuf");
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");
  private static final String DRAFT = ".draft-";
  private static final Duration STALE = Duration.ofDays(7);

  private final Path root;
  private final long mostBytes;
  private final ReentrantLock lock = new ReentrantLock();

  private Datasets(Path root, long mostBytes) {
    this.root = root;
    this.mostBytes = mostBytes;
  }

  /// Those of a folder; removes what nobody added to for a week.
  ///
  /// @param root has a folder for each
  /// @param mostBytes the most of all together
  public static Datasets passing(Path root, long mostBytes) {
    Stale.remove(root, STALE);
    return new Datasets(root, mostBytes);
  }

  /// Those of a folder, which stay until they are deleted.
  ///
  /// @param root has a folder for each
  /// @param mostBytes the most of all together
  public static Datasets lasting(Path root, long mostBytes) {
    return new Datasets(root, mostBytes);
  }

  /// A dataset as it stands.
  public record Dataset(String name, long documents, long bytes) {}

  /// One request's documents.
  private record Piece(Path file, int number, long documents, String request) {}

  /// Adds the documents of a request.
  ///
  /// @param requestId one that was added before adds nothing; empty for none
  /// @throws FlowException RESOURCE_EXHAUSTED where all together would be too large
  public Dataset add(String name, String requestId, DocumentArray documents) {
    Path folder = folder(name);
    String request =
        (requestId.isEmpty()
                ? UUID.randomUUID()
                : UUID.nameUUIDFromBytes(requestId.getBytes(StandardCharsets.UTF_8)))
            .toString();
    lock.lock();
    try {
      Files.createDirectories(folder);
      List<Piece> pieces = pieces(folder);
      if (!documents.isEmpty() && pieces.stream().noneMatch(p -> p.request().equals(request))) {
        int number = pieces.isEmpty() ? 1 : pieces.getLast().number() + 1;
        write(
            folder, "%08d-%d-%s.protobuf".formatted(number, documents.size(), request), documents);
      }
      return standing(name, folder);
    } catch (IOException e) {
      throw failed(name, e);
    } finally {
      lock.unlock();
    }
  }

  private void write(Path folder, String name, DocumentArray documents) throws IOException {
    Path draft = folder.resolve(DRAFT + UUID.randomUUID() + ".protobuf");
    try {
      try (DocumentWriter writer = DocumentFile.writer(draft)) {
        for (Document document : documents) {
          writer.write(document);
        }
      }
      requireRoom(Files.size(draft));
      Durable.sync(draft);
      Files.move(draft, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
      Durable.syncFolder(folder);
    } finally {
      Files.deleteIfExists(draft);
    }
  }

  private void requireRoom(long more) throws IOException {
    long all = more;
    for (Dataset dataset : all()) {
      all += dataset.bytes();
    }
    if (all > mostBytes) {
      throw new FlowException(
          ErrorCode.RESOURCE_EXHAUSTED,
          "documents: %,d bytes with those that are there (expected: at most %,d, this trainer's most_data_mb; /fit/data/delete makes room)"
              .formatted(all, mostBytes));
    }
  }

  /// How many documents one has; 0 where it is not there.
  public long documents(String name) {
    lock.lock();
    try {
      Path folder = folder(name);
      return Files.isDirectory(folder) ? standing(name, folder).documents() : 0;
    } catch (IOException e) {
      throw failed(name, e);
    } finally {
      lock.unlock();
    }
  }

  /// All that there are.
  public List<Dataset> list() {
    lock.lock();
    try {
      return all();
    } catch (IOException e) {
      throw failed("", e);
    } finally {
      lock.unlock();
    }
  }

  private List<Dataset> all() throws IOException {
    List<Dataset> all = new ArrayList<>();
    if (Files.isDirectory(root)) {
      try (Stream<Path> folders = Files.list(root)) {
        for (Path folder : folders.filter(Files::isDirectory).sorted().toList()) {
          all.add(standing(folder.getFileName().toString(), folder));
        }
      }
    }
    return all;
  }

  /// Writes all documents of some datasets, in their order, into one file.
  ///
  /// @throws FlowException NOT_FOUND naming what is near
  public void copy(List<String> names, Path file) {
    lock.lock();
    try (DocumentWriter writer = DocumentFile.writer(file)) {
      for (String name : names) {
        for (Piece piece : pieces(existing(name))) {
          try (DocumentReader reader = DocumentFile.reader(piece.file())) {
            while (reader.hasNext()) {
              writer.write(reader.next());
            }
          }
        }
      }
    } catch (IOException e) {
      throw failed(String.join(", ", names), e);
    } finally {
      lock.unlock();
    }
  }

  /// Tells all documents of one in their order, those that were there when it was called.
  ///
  /// @throws FlowException NOT_FOUND naming what is near
  public void each(String name, Consumer<Document> documents) {
    for (Piece piece : present(name)) {
      try (DocumentReader reader = DocumentFile.reader(piece.file())) {
        reader.forEachRemaining(documents);
      } catch (IOException e) {
        throw failed(name, e);
      }
    }
  }

  private List<Piece> present(String name) {
    lock.lock();
    try {
      return pieces(existing(name));
    } catch (IOException e) {
      throw failed(name, e);
    } finally {
      lock.unlock();
    }
  }

  /// Removes one; runs that were started with it keep their copy.
  ///
  /// @return as it was
  /// @throws FlowException NOT_FOUND naming what is near
  public Dataset delete(String name) {
    lock.lock();
    try {
      Path folder = existing(name);
      Dataset gone = standing(name, folder);
      Durable.deleteTree(folder);
      return gone;
    } catch (IOException e) {
      throw failed(name, e);
    } finally {
      lock.unlock();
    }
  }

  private Path folder(String name) {
    if (!NAME.matcher(name).matches()) {
      throw FlowException.invalid(
          "dataset: \"%s\" (expected: letters, digits, '.', '_' and '-', 100 at most, the first a letter or digit)"
              .formatted(name));
    }
    return root.resolve(name);
  }

  private Path existing(String name) throws IOException {
    Path folder = folder(name);
    if (!Files.isDirectory(folder)) {
      List<String> names = all().stream().map(Dataset::name).toList();
      throw new FlowException(
          ErrorCode.NOT_FOUND,
          "dataset: %s is not there (expected: %s)"
              .formatted(
                  name,
                  names.isEmpty()
                      ? "one that /fit/data was sent"
                      : Spelling.expected(name, names)));
    }
    return folder;
  }

  private static Dataset standing(String name, Path folder) throws IOException {
    long documents = 0;
    long bytes = 0;
    for (Piece piece : pieces(folder)) {
      documents += piece.documents();
      bytes += Files.size(piece.file());
    }
    return new Dataset(name, documents, bytes);
  }

  private static List<Piece> pieces(Path folder) throws IOException {
    List<Piece> pieces = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.sorted().toList()) {
        Matcher matcher = PIECE.matcher(file.getFileName().toString());
        if (matcher.matches()) {
          pieces.add(
              new Piece(
                  file,
                  Integer.parseInt(matcher.group(1)),
                  Long.parseLong(matcher.group(2)),
                  matcher.group(3)));
        }
      }
    }
    return pieces;
  }

  private static FlowException failed(String name, IOException cause) {
    return new FlowException(
        ErrorCode.INTERNAL, "dataset: %s: %s".formatted(name, cause.getMessage()), cause);
  }
}
