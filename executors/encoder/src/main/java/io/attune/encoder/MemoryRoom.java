package io.attune.encoder;

import io.attune.models.StoredModel;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/// The memory that another model version may take.
///
/// What a model takes is estimated by the size of its graph. ONNX Runtime keeps the weights, and
/// those of linear layers once more in the order that its kernels read; while it reads the file,
/// and in the process that tries the model, there is a further copy.
///
/// What is there is the least of what the machine has available and what is left of each limit of
/// the control groups (v1 or v2) that the process is in, without what the heap may still grow to.
final class MemoryRoom {
  private static final long BASE_BYTES = 24L << 20;
  private static final long TRIAL_BASE_BYTES = 160L << 20;
  private static final long NO_LIMIT = 1L << 60;

  private final long limitBytes;
  private final LongSupplier available;

  /// @param limitBytes what all versions together may take; 0 for what is available
  MemoryRoom(long limitBytes) {
    this(limitBytes, () -> available(Path.of("/")) - heapGrowth());
  }

  MemoryRoom(long limitBytes, LongSupplier available) {
    this.limitBytes = limitBytes;
    this.available = available;
  }

  /// The memory that a loaded model takes, in bytes, estimated.
  static long taken(StoredModel model) {
    return 2 * size(model) + BASE_BYTES;
  }

  /// The memory that it takes to try a model, and then to load it.
  private static long needed(StoredModel model) {
    return 4 * size(model) + TRIAL_BASE_BYTES;
  }

  private static long size(StoredModel model) {
    try {
      return Files.size(model.model());
    } catch (IOException e) {
      throw new FlowException(
          ErrorCode.DATA_LOSS, model.model() + ": cannot be read: " + e.getMessage(), e);
    }
  }

  /// Refuses a model that does not fit beside those that are loaded.
  ///
  /// @param loadedBytes what those take
  /// @throws FlowException RESOURCE_EXHAUSTED
  void require(StoredModel model, long loadedBytes) {
    long taken = taken(model);
    if (limitBytes > 0) {
      if (loadedBytes + taken > limitBytes) {
        throw full(
            model,
            "takes about %,d MB beside %,d MB of loaded versions"
                .formatted(taken >> 20, loadedBytes >> 20),
            "at most %,d MB together, by model_bytes".formatted(limitBytes >> 20));
      }
      return;
    }
    long room = available.getAsLong();
    long needed = needed(model);
    if (needed > room) {
      throw full(
          model,
          "takes about %,d MB to try and load".formatted(needed >> 20),
          "at most %,d MB, what is left outside the heap; model_bytes sets another limit"
              .formatted(Math.max(0, room) >> 20));
    }
  }

  private static FlowException full(StoredModel model, String what, String expected) {
    return new FlowException(
        ErrorCode.RESOURCE_EXHAUSTED,
        "model %s: %s (expected: %s)".formatted(model.id(), what, expected));
  }

  private static long heapGrowth() {
    Runtime runtime = Runtime.getRuntime();
    return runtime.maxMemory() - runtime.totalMemory();
  }

  /// The bytes that the process may take yet; [Long#MAX_VALUE] where the system does not say.
  ///
  /// @param root the root of the file system
  static long available(Path root) {
    long least = machine(root);
    for (String line : lines(root.resolve("proc/self/cgroup"))) {
      String[] parts = line.split(":", 3);
      if (parts.length == 3
          && (parts[1].isEmpty() || List.of(parts[1].split(",", -1)).contains("memory"))) {
        Path mount = root.resolve(parts[1].isEmpty() ? "sys/fs/cgroup" : "sys/fs/cgroup/memory");
        least = Math.min(least, group(mount, parts[2].replaceAll("^/+", ""), parts[1].isEmpty()));
      }
    }
    return least;
  }

  private static long machine(Path root) {
    return lines(root.resolve("proc/meminfo")).stream()
        .filter(line -> line.startsWith("MemAvailable:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) << 10)
        .findFirst()
        .orElse(Long.MAX_VALUE);
  }

  /// What a control group and those around it leave.
  private static long group(Path mount, String name, boolean unified) {
    long least = Long.MAX_VALUE;
    Path end = mount.normalize();
    for (Path at = mount.resolve(name).normalize();
        at != null && at.startsWith(end);
        at = at.getParent()) {
      OptionalLong limit = number(at, unified ? "memory.max" : "memory.limit_in_bytes");
      OptionalLong used = number(at, unified ? "memory.current" : "memory.usage_in_bytes");
      if (limit.isPresent() && used.isPresent() && limit.getAsLong() < NO_LIMIT) {
        long cached = cached(at.resolve("memory.stat"), unified ? "" : "total_");
        least = Math.min(least, limit.getAsLong() - used.getAsLong() + cached);
      }
    }
    return least;
  }

  /// File pages that the kernel gives up first.
  private static long cached(Path stat, String prefix) {
    return lines(stat).stream()
        .filter(line -> line.startsWith(prefix + "inactive_file "))
        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
        .findFirst()
        .orElse(0);
  }

  private static OptionalLong number(Path folder, String name) {
    return lines(folder.resolve(name)).stream()
        .filter(line -> line.matches("[0-9]{1,18}"))
        .mapToLong(Long::parseLong)
        .findFirst();
  }

  private static List<String> lines(Path file) {
    try (Stream<String> lines = Files.lines(file)) {
      return lines.toList();
    } catch (IOException | UncheckedIOException _) {
      return List.of(); // not there on this system, or hidden from this process
    }
  }
}
