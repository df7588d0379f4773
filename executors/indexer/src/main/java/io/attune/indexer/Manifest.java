package io.attune.indexer;

import io.attune.indexer.generation.Metric;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// What a shard's folder holds, in the file `index.manifest`: lines `key=value`, the last of them
/// the checksum of those before. Replaced atomically and durably.
///
/// @param metric how vectors are compared
/// @param quantized whether the graphs hold 8-bit vectors
/// @param shard which shard this is
/// @param shards how many there are
/// @param generations the generations
/// @param gone the last sequence of the log that may be of a space whose generation is gone
/// @param live the space whose generation answers where none is named; empty for the first
/// @param rollout the last rollout that the shard took part in; null before the first
/// @param epochs the greatest epoch seen, by model
record Manifest(
    Metric metric,
    boolean quantized,
    int shard,
    int shards,
    List<Entry> generations,
    long gone,
    String live,
    @Nullable Rollout rollout,
    Map<String, Long> epochs) {
  static final String FILE = "index.manifest";
  private static final String DRAFT = FILE + ".draft";
  private static final String CHECKSUM = "crc32c=";

  /// Without rollouts: every generation is built.
  private static final String FIRST_FORMAT = "1";

  private static final String FORMAT = "2";
  private static final String BUILT = "built";
  private static final int MAX_BYTES = 8 << 20;

  /// A generation in the manifest.
  ///
  /// @param folder its folder's name
  /// @param dimension its vectors' dimension
  /// @param since the last sequence of the log when it was made, and held all documents so;
  ///   [#COPIED] where it is more than what the log holds behind any sequence
  /// @param isBuilt whether it has ever held all documents; else they are being copied into it
  /// @param space its space
  /// @param missing the documents that it lacks because nothing embeds them
  record Entry(
      String folder,
      int dimension,
      long since,
      boolean isBuilt,
      String space,
      KeptMissing missing) {
    static final long COPIED = -2;

    Entry withBuilt(boolean built) {
      return new Entry(folder, dimension, since, built, space, missing);
    }

    Entry withMissing(KeptMissing changed) {
      return new Entry(folder, dimension, since, isBuilt, space, changed);
    }
  }

  Manifest {
    generations = List.copyOf(generations);
    epochs = Map.copyOf(epochs);
  }

  Manifest withGenerations(List<Entry> replacement) {
    return new Manifest(metric, quantized, shard, shards, replacement, gone, live, rollout, epochs);
  }

  /// The same, some more of the log being of spaces that are gone.
  Manifest withGone(long sequence) {
    return new Manifest(
        metric,
        quantized,
        shard,
        shards,
        generations,
        Math.max(gone, sequence),
        live,
        rollout,
        epochs);
  }

  Manifest withLive(String space) {
    return new Manifest(
        metric, quantized, shard, shards, generations, gone, space, rollout, epochs);
  }

  Manifest withRollout(Rollout changed) {
    Map<String, Long> seen = new TreeMap<>(epochs);
    seen.merge(changed.model(), changed.epoch(), Math::max);
    return new Manifest(metric, quantized, shard, shards, generations, gone, live, changed, seen);
  }

  /// The manifest of a folder; null where there is none.
  static @Nullable Manifest read(Path folder) throws IOException {
    Path file = folder.resolve(FILE);
    if (!Files.exists(file)) {
      return null;
    }
    if (Files.size(file) > MAX_BYTES) {
      throw damaged(file, "it is too large");
    }
    String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    int end = text.lastIndexOf(CHECKSUM);
    if (end < 0 || !text.equals(text.substring(0, end) + checksum(text.substring(0, end)))) {
      throw damaged(file, "its checksum does not fit");
    }
    try {
      return parse(text.substring(0, end));
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      throw damaged(file, String.valueOf(e.getMessage()));
    }
  }

  /// The manifest of a folder that an Indexer opens, made where there is none.
  ///
  /// @throws FlowException FAILED_PRECONDITION where the index was made with other options
  static Manifest open(Path folder, IndexerConfig config) throws IOException {
    Manifest found = read(folder);
    if (found == null) {
      Manifest made =
          new Manifest(
              config.metric(),
              config.graph().quantized(),
              config.shard(),
              config.shards(),
              List.of(),
              0,
              "",
              null,
              Map.of());
      made.write(folder);
      return made;
    }
    require("metric", config.metric().label(), found.metric().label());
    require(
        "quantize",
        config.graph().quantized() ? "int8" : "none",
        found.quantized() ? "int8" : "none");
    require("shard", config.shard(), found.shard());
    require("shards", config.shards(), found.shards());
    if (found.rollout() == null) {
      for (Manifest.Entry entry : found.generations()) {
        requireEntry(config, entry);
      }
    }
    return found;
  }

  /// An index that was never taken to another space has the one, and the dimension, of its options.
  private static void requireEntry(IndexerConfig config, Entry entry) {
    if (config.dimension() != 0) {
      require("dimension", config.dimension(), entry.dimension());
    }
    if (!config.space().isEmpty()) {
      require("space", config.space(), entry.space());
    }
  }

  /// Refuses a folder that holds documents and no manifest: taken for a new one it would lose them.
  ///
  /// @param hasRecords whether its log holds anything
  static void requireUnlessNew(Path folder, boolean hasRecords) {
    boolean isKnown = hasRecords || Files.exists(folder.resolve(GenerationFolders.PARENT));
    if (isKnown && !Files.exists(folder.resolve(FILE))) {
      throw damaged(folder.resolve(FILE), "it is missing");
    }
  }

  private static void require(String name, Object configured, Object kept) {
    if (!configured.equals(kept)) {
      throw new FlowException(
          ErrorCode.FAILED_PRECONDITION,
          "%s: %s (expected: %s, which the index was made with; to change it choose another workspace and index again)"
              .formatted(name, configured, kept));
    }
  }

  private static Manifest parse(String text) {
    Map<String, String> values = new TreeMap<>();
    Map<String, Long> epochs = new TreeMap<>();
    List<Entry> generations = new ArrayList<>();
    Map<String, List<String>> missing = new TreeMap<>();
    for (String line : text.lines().toList()) {
      int equals = line.indexOf('=');
      String key = line.substring(0, equals);
      String value = line.substring(equals + 1);
      switch (key) {
        case "generation" -> generations.add(entry(value, values.getOrDefault("format", "")));
        case "missing" -> {
          String[] parts = value.split(" ", 2);
          missing.computeIfAbsent(parts[0], _ -> new ArrayList<>()).add(parts[1]);
        }
        case "epoch" -> {
          String[] parts = value.split(" ", 2);
          epochs.put(parts[1], Long.parseLong(parts[0]));
        }
        default -> values.put(key, value);
      }
    }
    if (!List.of(FIRST_FORMAT, FORMAT).contains(values.getOrDefault("format", ""))) {
      throw new IllegalArgumentException(
          "format: %s (expected: %s or %s)".formatted(values.get("format"), FIRST_FORMAT, FORMAT));
    }
    long since = generations.stream().mapToLong(Entry::since).max().orElse(0);
    generations.replaceAll(entry ->
        entry.withMissing(KeptMissing.parse(missing.getOrDefault(entry.folder(), List.of()))));
    String rollout = values.get("rollout");
    return new Manifest(
        Metric.of(values.getOrDefault("metric", "")),
        Boolean.parseBoolean(values.get("quantized")),
        Integer.parseInt(values.getOrDefault("shard", "")),
        Integer.parseInt(values.getOrDefault("shards", "")),
        generations,
        Long.parseLong(values.getOrDefault("gone", String.valueOf(since))),
        values.getOrDefault("live", ""),
        rollout == null ? null : Rollout.parse(rollout),
        epochs);
  }

  private static Entry entry(String line, String format) {
    if (format.equals(FIRST_FORMAT)) {
      String[] parts = line.split(" ", 4);
      return new Entry(
          parts[0],
          Integer.parseInt(parts[1]),
          Long.parseLong(parts[2]),
          true,
          parts[3],
          KeptMissing.NONE);
    }
    String[] parts = line.split(" ", 5);
    return new Entry(
        parts[0],
        Integer.parseInt(parts[1]),
        Long.parseLong(parts[2]),
        parts[3].equals(BUILT),
        parts[4],
        KeptMissing.NONE);
  }

  /// Replaces the manifest of a folder.
  void write(Path folder) throws IOException {
    StringBuilder text = new StringBuilder("format=" + FORMAT + "\n");
    text.append("metric=").append(metric.label()).append('\n');
    text.append("quantized=").append(quantized).append('\n');
    text.append("shard=").append(shard).append('\n');
    text.append("shards=").append(shards).append('\n');
    for (Entry entry : generations) {
      text.append(
          "generation=%s %d %d %s %s%n"
              .formatted(
                  entry.folder(),
                  entry.dimension(),
                  entry.since(),
                  entry.isBuilt() ? BUILT : "building",
                  entry.space()));
      entry
          .missing()
          .toLines()
          .forEach(line -> text.append("missing=%s %s%n".formatted(entry.folder(), line)));
    }
    text.append("gone=").append(gone).append('\n');
    text.append("live=").append(live).append('\n');
    new TreeMap<>(epochs)
        .forEach((model, epoch) ->
            text.append("epoch=").append(epoch).append(' ').append(model).append('\n'));
    if (rollout != null) {
      text.append("rollout=").append(rollout.toLine()).append('\n');
    }
    text.append(checksum(text.toString()));
    Path draft = folder.resolve(DRAFT);
    try (FileChannel channel =
        FileChannel.open(
            draft,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer bytes = StandardCharsets.UTF_8.encode(text.toString());
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    Files.move(draft, folder.resolve(FILE), StandardCopyOption.ATOMIC_MOVE);
    sync(folder);
  }

  /// Makes a folder's list of files durable.
  static void sync(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private static String checksum(String text) {
    CRC32C crc = new CRC32C();
    crc.update(text.getBytes(StandardCharsets.UTF_8));
    return CHECKSUM + HexFormat.of().toHexDigits((int) crc.getValue()) + "\n";
  }

  private static FlowException damaged(Path file, String what) {
    return new FlowException(
        ErrorCode.DATA_LOSS,
        "index: %s is damaged: %s (expected: the file as it was written; restore it from a backup, or remove the shard's folder and index the documents again)"
            .formatted(file, what));
  }
}
