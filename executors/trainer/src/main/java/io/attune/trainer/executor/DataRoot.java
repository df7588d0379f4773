package io.attune.trainer.executor;

import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The one folder whose files requests may name.
///
/// A name is taken relative to it. What lies outside, by its name or by where links lead, is
/// refused with one message, whether it is there or not.
final class DataRoot {
  private static final int MOST_LEVELS = 4;

  private final @Nullable Path root;

  /// @param root null where requests may name no file
  DataRoot(@Nullable Path root) {
    this.root = root == null ? null : root.toAbsolutePath().normalize();
  }

  /// The file of a name, links resolved.
  ///
  /// @param option whose value it is, for messages
  /// @throws FlowException PERMISSION_DENIED for one outside, NOT_FOUND for one that is not there
  Path file(String option, String name) {
    Path file = inside(option, name);
    if (!Files.isRegularFile(file)) {
      throw missing(option, name, "a file");
    }
    return file;
  }

  /// The model file or folder of a name, links resolved, whose neighbours lead nowhere else: a
  /// graph is read with what lies beside it.
  ///
  /// @throws FlowException as [#file]
  Path model(String option, String name) {
    Path model = inside(option, name);
    Path folder = Files.isDirectory(model) ? model : model.resolveSibling("");
    try (Stream<Path> files =
        Files.find(folder, MOST_LEVELS, (_, attributes) -> attributes.isSymbolicLink())) {
      for (Path link : files.toList()) {
        if (!isWithin(link.toRealPath())) {
          throw outside(option, name);
        }
      }
    } catch (NoSuchFileException e) {
      throw missing(option, name, "links in its folder that lead to files");
    } catch (IOException | UncheckedIOException e) {
      throw unreadable(option, name, e);
    }
    return model;
  }

  /// A file to write, whose folder is there and not a link that leads elsewhere.
  ///
  /// @throws FlowException as [#file]
  Path target(String option, String name) {
    int slash = name.lastIndexOf('/');
    String file = name.substring(slash + 1);
    if (file.isEmpty() || file.startsWith(".") || file.indexOf('\0') >= 0) {
      throw outside(option, name);
    }
    Path folder = inside(option, slash < 0 ? "" : name.substring(0, Math.max(1, slash)));
    Path target = folder.resolve(file);
    if (Files.isSymbolicLink(target) || Files.isDirectory(target)) {
      throw outside(option, name);
    }
    return target;
  }

  private Path inside(String option, String name) {
    if (root == null) {
      throw new FlowException(
          ErrorCode.PERMISSION_DENIED,
          "%s: %s (expected: no file; this trainer has no data_root)".formatted(option, name));
    }
    try {
      Path plain = root.resolve(name).normalize();
      if (!plain.startsWith(root)) {
        throw outside(option, name);
      }
      Path real = plain.toRealPath();
      if (!isWithin(real)) {
        throw outside(option, name);
      }
      return real;
    } catch (InvalidPathException e) {
      throw outside(option, name);
    } catch (NoSuchFileException e) {
      throw missing(option, name, "a file");
    } catch (IOException e) {
      throw unreadable(option, name, e);
    }
  }

  private boolean isWithin(Path real) throws IOException {
    return root != null && real.startsWith(root.toRealPath());
  }

  private static FlowException outside(String option, String name) {
    return new FlowException(
        ErrorCode.PERMISSION_DENIED,
        "%s: %s (expected: a path within data_root)".formatted(option, name));
  }

  private static FlowException missing(String option, String name, String expected) {
    return new FlowException(
        ErrorCode.NOT_FOUND,
        "%s: %s is not there (expected: %s in data_root)".formatted(option, name, expected));
  }

  private static FlowException unreadable(String option, String name, Exception cause) {
    return new FlowException(
        ErrorCode.INTERNAL, "%s: %s cannot be read".formatted(option, name), cause);
  }
}
