package io.attune.models;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import io.attune.onnx.ElementType;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.ModelVersion;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.exc.UnrecognizedPropertyException;
import tools.jackson.dataformat.yaml.YAMLMapper;
import tools.jackson.dataformat.yaml.YAMLWriteFeature;

/// The text form of [Artifact]: keys in snake case, unknown and duplicate keys refused with their
/// line. Components are boxed so that a key left out is told from a wrong value.
@JsonInclude(JsonInclude.Include.NON_ABSENT)
@JsonPropertyOrder({"format", "name", "version"})
record ArtifactYaml(
    @Nullable Integer format,
    @Nullable String name,
    @Nullable Integer version,
    @Nullable Preprocess preprocess,
    @Nullable Map<String, String> inputs,
    @Nullable Integer dimension,
    @JsonProperty("max_length") @Nullable Integer maxLength,
    @Nullable Pooling pooling,
    @Nullable Boolean normalized,
    @Nullable Similarity similarity,
    @JsonProperty("query_prompt") @Nullable String queryPrompt,
    @JsonProperty("document_prompt") @Nullable String documentPrompt,
    @Nullable String space,
    @Nullable String parent,
    @Nullable String run,
    @JsonProperty("data_hash") @Nullable String dataHash,
    @Nullable Map<String, Double> metrics,
    @Nullable Map<String, String> files,
    @Nullable List<VariantYaml> variants) {
  private static final int FORMAT = 1;
  private static final int MAX_BYTES = 1 << 20;

  private static final YAMLMapper MAPPER =
      YAMLMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
          .disable(YAMLWriteFeature.WRITE_DOC_START_MARKER)
          .enable(YAMLWriteFeature.MINIMIZE_QUOTES)
          .enable(YAMLWriteFeature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
          .disable(YAMLWriteFeature.SPLIT_LINES)
          .build();

  /// The text form of [Variant].
  record VariantYaml(
      @Nullable String name,
      @Nullable String file,
      @Nullable String sha256,
      @Nullable Double agreement,
      @Nullable String space) {
    Variant toVariant() {
      return new Variant(
          present("variants.name", name),
          present("variants.file", file),
          present("variants.sha256", sha256),
          present("variants.agreement", agreement),
          new Space(present("variants.space", space)));
    }
  }

  static Artifact read(Path file) {
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw FlowException.invalid(
            file + ": " + Files.size(file) + " bytes (expected: at most " + MAX_BYTES + ")");
      }
      return parse(Files.readString(file), file.toString());
    } catch (java.nio.file.NoSuchFileException e) {
      throw new FlowException(
          ErrorCode.NOT_FOUND,
          file + ": missing (expected: an artifact's " + Artifact.FILE + ")",
          e);
    } catch (CharacterCodingException e) {
      throw new FlowException(
          ErrorCode.INVALID_ARGUMENT, file + ": broken text (expected: UTF-8)", e);
    } catch (IOException e) {
      throw new FlowException(ErrorCode.INTERNAL, file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  static Artifact parse(String text, String where) {
    ArtifactYaml yaml;
    try {
      yaml = MAPPER.readValue(text, ArtifactYaml.class);
    } catch (JacksonException e) {
      throw new FlowException(ErrorCode.INVALID_ARGUMENT, message(where, e), e);
    }
    if (yaml == null) {
      throw FlowException.invalid(where + ": empty (expected: the keys of an artifact)");
    }
    return yaml.toArtifact();
  }

  private static String message(String where, JacksonException e) {
    int line = e.getLocation() == null ? -1 : e.getLocation().getLineNr();
    String place = line > 0 ? where + ":" + line : where;
    if (e instanceof UnrecognizedPropertyException unknown) {
      String known =
          unknown.getKnownPropertyIds().stream()
              .map(Object::toString)
              .collect(Collectors.joining(", "));
      return place + ": unknown key " + unknown.getPropertyName() + " (expected: " + known + ")";
    }
    String key =
        e.getPath().stream()
            .map(JacksonException.Reference::getPropertyName)
            .filter(Objects::nonNull)
            .collect(Collectors.joining("."));
    return place + ": " + (key.isEmpty() ? "" : key + ": ") + e.getOriginalMessage();
  }

  private Artifact toArtifact() {
    if (present("format", format) != FORMAT) {
      throw FlowException.invalid(
          Artifact.FILE + ": format: " + format + " (expected: " + FORMAT + ")");
    }
    Preprocess kind = preprocess == null ? Preprocess.TEXT : preprocess;
    Map<String, ElementType> types = new LinkedHashMap<>();
    present("inputs", inputs).forEach((input, type) -> types.put(input, elementType(type)));
    return new Artifact(
        present("name", name),
        present("version", version),
        kind,
        types,
        present("dimension", dimension),
        kind == Preprocess.TEXT ? present("max_length", maxLength) : or(maxLength, 0),
        or(pooling, Pooling.NONE),
        present("normalized", normalized),
        or(similarity, Similarity.COSINE),
        or(queryPrompt, ""),
        or(documentPrompt, ""),
        new Space(present("space", space)),
        Optional.ofNullable(parent).map(ModelVersion::parse),
        Optional.ofNullable(run),
        Optional.ofNullable(dataHash),
        complete("metrics", or(metrics, Map.of())),
        complete("files", present("files", files)),
        or(variants, List.<VariantYaml>of()).stream()
            .map(variant -> present("variants", variant).toVariant())
            .toList());
  }

  static String write(Artifact artifact) {
    Map<String, String> types = new LinkedHashMap<>();
    artifact.inputs().forEach((input, type) -> types.put(input, type.toString()));
    return MAPPER.writeValueAsString(
        new ArtifactYaml(
            FORMAT,
            artifact.name(),
            artifact.version(),
            artifact.preprocess(),
            types,
            artifact.dimension(),
            artifact.maxLength(),
            artifact.pooling(),
            artifact.normalized(),
            artifact.similarity(),
            artifact.queryPrompt(),
            artifact.documentPrompt(),
            artifact.space().id(),
            artifact.parent().map(ModelVersion::toString).orElse(null),
            artifact.run().orElse(null),
            artifact.dataHash().orElse(null),
            artifact.metrics(),
            artifact.files(),
            artifact.variants().stream()
                .map(v ->
                    new VariantYaml(v.name(), v.file(), v.sha256(), v.agreement(), v.space().id()))
                .toList()));
  }

  private static ElementType elementType(String name) {
    for (ElementType type : ElementType.values()) {
      if (type.toString().equals(name)) {
        return type;
      }
    }
    throw FlowException.invalid(
        "%s: inputs: %s (expected: one of %s)"
            .formatted(
                Artifact.FILE,
                name,
                Arrays.stream(ElementType.values())
                    .map(type -> type.name().toLowerCase(Locale.ROOT))
                    .collect(Collectors.joining(", "))));
  }

  private static <T> T present(String key, @Nullable T value) {
    if (value == null) {
      throw FlowException.invalid(Artifact.FILE + ": " + key + ": missing (expected: a value)");
    }
    return value;
  }

  /// A key without a value reads as null.
  private static <T> Map<String, T> complete(String key, Map<String, T> map) {
    map.forEach((name, value) -> present(key + "." + name, value));
    return map;
  }

  private static <T> T or(@Nullable T value, T fallback) {
    return value == null ? fallback : value;
  }
}
