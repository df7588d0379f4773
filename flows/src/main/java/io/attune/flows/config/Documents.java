package io.attune.flows.config;

import io.attune.flows.ExecutorPlan;
import io.attune.flows.yaml.Keys;
import io.attune.flows.yaml.Place;
import io.attune.flows.yaml.Problems;
import io.attune.flows.yaml.Substitution;
import io.attune.flows.yaml.Variables;
import io.attune.flows.yaml.YamlNode;
import io.attune.flows.yaml.YamlNode.Mapping;
import io.attune.flows.yaml.YamlParser;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Opens the files of a Flow: the Flow's own, and those it names.
public final class Documents {
  private static final Pattern NAME = Pattern.compile("[\\p{L}_][\\p{L}\\p{Nd}_.]{0,199}");

  private final Variables variables;

  public Documents(Variables variables) {
    this.variables = variables;
  }

  /// Reads a file.
  public Optional<Document> open(Path file, Problems problems) {
    return open(file.toString(), file, new Place(file.toString(), 0), problems);
  }

  /// Reads a text as if it were a file.
  ///
  /// @param folder where relative paths in it start; null for none
  public Optional<Document> parse(
      String label, String text, @Nullable Path folder, Problems problems) {
    Optional<YamlNode> root = YamlParser.parse(label, text, problems);
    return root.map(
        node -> new Document(label, folder, new Substitution(variables, problems).apply(node)));
  }

  /// Reads a file that another names.
  Optional<Document> open(Document from, String name, Place at, Problems problems) {
    Path folder = from.folder();
    if (folder == null) {
      problems.error(
          at, "%s: in no folder (expected: a Flow that was read from a folder)".formatted(name));
      return Optional.empty();
    }
    try {
      return open(name, folder.resolve(name), at, problems);
    } catch (InvalidPathException invalid) {
      problems.error(at, "\"%s\" (expected: a file's path)".formatted(name));
      return Optional.empty();
    }
  }

  /// What `uses` says.
  ExecutorSource source(Document from, Keys keys, Problems problems) {
    ExecutorSource passThrough = new ExecutorSource.Named(ExecutorPlan.PASS_THROUGH);
    YamlNode node = keys.node("uses");
    if (node == null) {
      return passThrough;
    }
    if (node instanceof Mapping mapping) {
      return new ExecutorSource.Described(ExecutorFile.read("uses", mapping, problems));
    }
    String uses = keys.string("uses", "");
    int scheme = uses.indexOf("://");
    if (scheme >= 0) {
      keys.notYet("uses", uses.substring(0, scheme) + "://", "an executor's name or a YAML file");
      return passThrough;
    }
    if (uses.endsWith(".yml") || uses.endsWith(".yaml")) {
      return open(from, uses, node.at(), problems)
          .<ExecutorSource>map(file -> described(file, problems))
          .orElse(passThrough);
    }
    if (!NAME.matcher(uses).matches()) {
      keys.error("uses", '"' + uses + '"', "an executor's name or a YAML file");
      return passThrough;
    }
    return new ExecutorSource.Named(uses);
  }

  private static ExecutorSource described(Document file, Problems problems) {
    if (file.root() instanceof Mapping mapping) {
      return new ExecutorSource.Described(ExecutorFile.read("", mapping, problems));
    }
    problems.error(
        file.root().at(), "%s (expected: a mapping with jtype)".formatted(file.root().kind()));
    return new ExecutorSource.Named(ExecutorPlan.PASS_THROUGH);
  }

  private Optional<Document> open(String label, Path file, Place at, Problems problems) {
    try {
      if (Files.isDirectory(file)) {
        refuse(label, "a folder (expected: a file)", at, problems);
        return Optional.empty();
      }
      return parse(label, text(file), file.toAbsolutePath().getParent(), problems);
    } catch (NoSuchFileException missing) {
      refuse(label, "no such file", at, problems);
    } catch (CharacterCodingException notText) {
      refuse(label, "not UTF-8 text", at, problems);
    } catch (IOException unreadable) {
      refuse(label, "cannot be read: " + unreadable.getMessage(), at, problems);
    }
    return Optional.empty();
  }

  /// @param at where the file is named; the file itself where nothing else names it
  private static void refuse(String label, String why, Place at, Problems problems) {
    problems.error(at, at.file().equals(label) ? why : label + ": " + why);
  }

  /// At most what [YamlParser] would read, and one byte to see that there is more.
  private static String text(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(4 * YamlParser.MAX_LENGTH + 1);
      if (bytes.length > 4 * YamlParser.MAX_LENGTH) {
        return " ".repeat(YamlParser.MAX_LENGTH + 1);
      }
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    }
  }
}
