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
record Manifest(Metric metric, boolean quantized, int shard, int shards, List<Entry> generations) {
  static final String FILE = "index.manifest";
  private static final String DRAFT = FILE + ".draft";
  private static final String CHECKSUM = "crc32c=";
  private static final int MAX_BYTES = 1 << 20;

  /// A generation in the manifest.
  ///
  /// @param folder its folder's name
  /// @param dimension its vectors' dimension
  /// @param since the last sequence of the log when it was made
  /// @param space its space
  record Entry(String folder, int dimension, long since, String space) {}

  Manifest {
    generations = List.copyOf(generations);
  }

  Manifest withGenerations(List<Entry> replacement) {
    return new Manifest(metric, quantized, shard, shards, replacement);
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
              List.of());
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
    for (Manifest.Entry entry : found.generations()) {
      if (config.dimension() != 0) {
        require("dimension", config.dimension(), entry.dimension());
      }
      if (!config.space().isEmpty()) {
        require("space", config.space(), entry.space());
      }
    }
    return found;
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
    List<Entry> generations = new ArrayList<>();
    for (String line : text.lines().toList()) {
      int equals = line.indexOf('=');
      String key = line.substring(0, equals);
      String value = line.substring(equals + 1);
      if (key.equals("generation")) {
        String[] parts = value.split(" ", 4);
        generations.add(
            new Entry(parts[0], Integer.parseInt(parts[1]), Long.parseLong(parts[2]), parts[3]));
      } else {
        values.put(key, value);
      }
    }
    if (!"1".equals(values.get("format"))) {
      throw new IllegalArgumentException("format: " + values.get("format") + " (expected: 1)");
    }
    return new Manifest(
        Metric.of(values.getOrDefault("metric", "")),
        Boolean.parseBoolean(values.get("quantized")),
        Integer.parseInt(values.getOrDefault("shard", "")),
        Integer.parseInt(values.getOrDefault("shards", "")),
        generations);
  }

  /// Replaces the manifest of a folder.
  void write(Path folder) throws IOException {
    StringBuilder text = new StringBuilder("format=1\n");
    text.append("metric=").append(metric.label()).append('\n');
    text.append("quantized=").append(quantized).append('\n');
    text.append("shard=").append(shard).append('\n');
    text.append("shards=").append(shards).append('\n');
    for (Entry entry : generations) {
      text.append(
          "generation=%s %d %d %s%n"
              .formatted(entry.folder(), entry.dimension(), entry.since(), entry.space()));
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
