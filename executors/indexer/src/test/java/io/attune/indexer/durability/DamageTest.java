package io.attune.indexer.durability;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.lucene.index.SegmentInfos;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Bytes that flipped, files that were cut or are gone, in the log or in the index: what is opened
/// is what was acknowledged, rebuilt from the log where need be, or it is refused with a message.
///
/// `-Dattune.damage.rounds=N` (default 25; `.ci/run` does 50) damages as often each a folder whose
/// log holds everything and one whose log was cut behind the commit.
final class DamageTest {
  private static final int ROUNDS = Integer.getInteger("attune.damage.rounds", 25);
  private static final String SPACE = "space@1";
  private static final int SEGMENT_BYTES = 4_096;

  @TempDir Path parent;

  private final long seed = Long.getLong("attune.seed", new Random().nextLong());
  private final Random random = new Random(seed);
  private final Map<String, String> versions = new TreeMap<>();
  private final Map<Path, byte[]> files = new TreeMap<>();

  /// What was there after each record.
  private final Set<Map<String, String>> history = new HashSet<>();

  private Set<Path> committed = Set.of();
  private int copies;

  /// How a case ended.
  private enum Outcome {
    SERVED,
    REFUSED
  }

  /// Writes and commits three times and then writes more, and keeps the folder as a kill leaves it.
  ///
  /// @param isLogCut whether the log has let go of what the index has committed
  private void prepare(boolean isLogCut) throws IOException {
    Path folder = parent.resolve("index");
    for (int commit = 0; commit < 3; commit++) {
      try (OpenIndexer open = OpenIndexer.of(folder, "log_segment_bytes", SEGMENT_BYTES)) {
        write(open.client());
      }
    }
    if (isLogCut) {
      try (OpenIndexer open =
          OpenIndexer.of(folder, "log_segment_bytes", SEGMENT_BYTES, "commit_interval_ms", 10)) {
        write(open.client());
        awaitCut(open.client());
      }
    }
    try (OpenIndexer open = OpenIndexer.of(folder)) {
      write(open.client());
      files.putAll(contents(folder));
    }
    committed = committed();
  }

  /// The files of the last commit, as Lucene knows them.
  private Set<Path> committed() throws IOException {
    Path generation = Path.of("shard-0/generations/1");
    try (Directory directory = FSDirectory.open(copy().resolve(generation))) {
      return SegmentInfos.readLatestCommit(directory).files(true).stream()
          .map(generation::resolve)
          .collect(Collectors.toSet());
    }
  }

  private static void awaitCut(Client client) {
    long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
    while (client.call("/status", List.of()).getFieldsOrThrow("log_segments").getNumberValue()
        > 1) {
      assertThat(System.nanoTime() - deadline).as("time").isNegative();
      Thread.onSpinWait();
    }
  }

  private void write(Client client) {
    int first = random.nextInt(20);
    List<Document> documents =
        IntStream.range(first, first + 12)
            .mapToObj(i -> Expectation.document("id" + i, "v" + random.nextInt(1_000), SPACE))
            .toList();
    var _ = client.call("/index", documents);
    for (Document document : documents) {
      versions.put(document.id(), document.text());
      history.add(Map.copyOf(versions));
    }
    List<String> deleted = List.of("id" + first, "id" + (first + 5));
    var _ = client.delete(deleted);
    for (String id : deleted) {
      versions.remove(id);
      history.add(Map.copyOf(versions));
    }
  }

  /// The files of a folder but those that hold nothing but a lock.
  private static Map<Path, byte[]> contents(Path folder) throws IOException {
    Map<Path, byte[]> contents = new TreeMap<>();
    try (Stream<Path> found = Files.walk(folder)) {
      for (Path file : found.filter(Files::isRegularFile).toList()) {
        if (!file.getFileName().toString().endsWith("lock")) {
          contents.put(folder.relativize(file), Files.readAllBytes(file));
        }
      }
    }
    return contents;
  }

  /// A copy of the folder.
  private Path copy() throws IOException {
    Path copy = parent.resolve("copy" + copies++);
    for (Map.Entry<Path, byte[]> file : files.entrySet()) {
      Path target = copy.resolve(file.getKey());
      Files.createDirectories(target.getParent());
      Files.write(target, file.getValue());
    }
    return copy;
  }

  /// Opens a folder: everything must be there as it was acknowledged, or it is refused, named, and
  /// nothing in it is lost.
  ///
  /// @param isCut whether the newest file of the log was cut, which looks like a crash before its
  ///   last records were written: what is served may be what was there before them
  private Outcome open(Path damaged, boolean isCut, String where) throws IOException {
    Map<Path, byte[]> before = contents(damaged);
    try (OpenIndexer open = OpenIndexer.of(damaged)) {
      DocumentArray found = open.client().everything();
      Map<String, String> foundVersions = new TreeMap<>();
      found.forEach(document -> foundVersions.put(document.id(), document.text()));
      if (isCut) {
        assertThat(history).as(where).contains(foundVersions);
      } else {
        assertThat(foundVersions).as(where).isEqualTo(versions);
      }
      Document query = Expectation.document("query", found.getFirst().text(), SPACE);
      assertThat(open.client().search(query, 1_000, false))
          .as(where)
          .extracting(Document::id)
          .containsExactlyInAnyOrderElementsOf(foundVersions.keySet());
      return Outcome.SERVED;
    } catch (FlowException e) {
      assertThat(e.code())
          .as("%s: %s", where, e)
          .isIn(ErrorCode.DATA_LOSS, ErrorCode.FAILED_PRECONDITION);
      assertThat(e).as(where).hasMessageContaining("expected: ");
      Map<Path, byte[]> after = contents(damaged);
      before.forEach((name, bytes) -> {
        if (committed.contains(name) || name.endsWith("index.manifest")) {
          assertThat(after.get(name)).as("%s, %s after %s", where, name, e).isEqualTo(bytes);
        }
      });
      return Outcome.REFUSED;
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anUndamagedFolderIsServed(boolean isLogCut) throws IOException {
    prepare(isLogCut);
    assertThat(files.keySet())
        .extracting(Path::toString)
        .anyMatch(name -> name.endsWith(".vec"))
        .contains("shard-0/index.manifest");
    if (!isLogCut) { // an index at rest merges, which leaves no deleted documents behind
      assertThat(files.keySet()).extracting(Path::toString).anyMatch(name -> name.endsWith(".liv"));
    }
    assertThat(files.containsKey(Path.of("shard-0/log/0000000000000000001.log")))
        .isEqualTo(!isLogCut);
    assertThat(open(copy(), false, "seed " + seed)).isEqualTo(Outcome.SERVED);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void damageIsRepairedOrRefused(boolean isLogCut) throws IOException {
    prepare(isLogCut);
    for (int round = 0; round < ROUNDS; round++) {
      Path name = anyFile();
      byte[] bytes = files.getOrDefault(name, new byte[0]);
      Path damaged = copy();
      String where = "seed %d, %s".formatted(seed, damage(damaged.resolve(name), bytes));
      Outcome outcome = open(damaged, isNewestLog(name) && where.contains(" cut to "), where);
      if (committed.contains(name)) {
        // graphs are made anew, where the log reaches back to the beginning
        assertThat(outcome).as(where).isEqualTo(isLogCut ? Outcome.REFUSED : Outcome.SERVED);
      }
    }
  }

  private boolean isNewestLog(Path file) {
    return file.startsWith("shard-0/log")
        && files.keySet().stream()
            .filter(name -> name.toString().endsWith(".log"))
            .allMatch(name -> name.compareTo(file) <= 0);
  }

  /// A file of the last commit, of the log, or any.
  private Path anyFile() {
    int choice = random.nextInt(6);
    List<Path> names =
        files.keySet().stream()
            .filter(name ->
                switch (choice) {
                  case 0 -> name.startsWith("shard-0/log");
                  case 1 -> true;
                  case 2 -> name.endsWith("index.manifest");
                  default -> committed.contains(name);
                })
            .toList();
    return names.get(random.nextInt(names.size()));
  }

  /// Flips a bit of a file, cuts it, empties it or removes it; says what.
  private String damage(Path file, byte[] bytes) throws IOException {
    int at = bytes.length == 0 ? 0 : random.nextInt(bytes.length);
    return switch (bytes.length == 0 ? 0 : random.nextInt(8)) {
      case 0 -> {
        Files.delete(file);
        yield "%s is gone".formatted(file);
      }
      case 1 -> {
        Files.write(file, new byte[0]);
        yield "%s is empty".formatted(file);
      }
      case 2 -> {
        Files.write(file, Arrays.copyOf(bytes, at));
        yield "%s cut to %d of %d".formatted(file, at, bytes.length);
      }
      default -> {
        byte[] changed = bytes.clone();
        changed[at] ^= (byte) (1 << random.nextInt(8));
        Files.write(file, changed);
        yield "byte %d of %d of %s".formatted(at, bytes.length, file);
      }
    };
  }
}
