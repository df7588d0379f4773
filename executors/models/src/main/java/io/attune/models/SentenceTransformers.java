package io.attune.models;

import io.attune.models.archive.PlainFolder;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The files with which sentence-transformers says how a model is meant to be used: `modules.json`
/// (pooling, normalisation), the pooling module's `config.json`, `sentence_bert_config.json` (the
/// length) and `config_sentence_transformers.json` (prompts, similarity).
final class SentenceTransformers {
  private static final int MAX_BYTES = 1 << 20;

  /// The one-hot keys of older versions.
  private static final Map<String, String> MODES =
      Map.of(
          "pooling_mode_cls_token", "cls",
          "pooling_mode_mean_tokens", "mean",
          "pooling_mode_max_tokens", "max",
          "pooling_mode_mean_sqrt_len_tokens", "mean_sqrt_len_tokens",
          "pooling_mode_weightedmean_tokens", "weightedmean",
          "pooling_mode_lasttoken", "lasttoken");

  private final PlainFolder folder;
  private final boolean askedForPooling;

  private SentenceTransformers(PlainFolder folder, boolean askedForPooling) {
    this.folder = folder;
    this.askedForPooling = askedForPooling;
  }

  /// What the files of a folder say; nothing where they are not there.
  ///
  /// @param pooling whether they are asked for the pooling; where they are, modules and poolings
  ///   that are not known here are refused
  static ImportOptions options(PlainFolder folder, boolean pooling) throws IOException {
    return new SentenceTransformers(folder, pooling).options();
  }

  private ImportOptions options() throws IOException {
    ImportOptions options = modules();
    JsonNode config = json("config_sentence_transformers.json");
    JsonNode prompts = config.path("prompts");
    String document = text(prompts, "document", "passage");
    return options
        .withPrompts(text(prompts, "query", "query"), document)
        .withSimilarity(similarity(text(config, "similarity_fn_name", "similarity_fn_name")))
        .withMaxLength(length(json("sentence_bert_config.json").path("max_seq_length")));
  }

  private ImportOptions modules() throws IOException {
    Pooling pooling = null;
    boolean normalize = false;
    JsonNode modules = json("modules.json");
    for (JsonNode module : modules) {
      String type = module.path("type").asString("");
      switch (type.substring(type.lastIndexOf('.') + 1)) {
        case "Transformer" -> {}
        case "Normalize" -> normalize = true;
        case "Pooling" -> pooling = pooling(module.path("path").asString("") + "/config.json");
        default -> {
          if (askedForPooling) {
            throw FlowException.invalid(
                "modules.json: module \"%s\" (expected: Transformer, Pooling, Normalize; or say"
                        .formatted(Golden.shortened(type))
                    + " the pooling to leave it out)");
          }
        }
      }
    }
    return modules.isEmpty()
        ? ImportOptions.NONE
        : ImportOptions.NONE.withPooling(pooling).withNormalize(normalize);
  }

  private @Nullable Pooling pooling(String file) throws IOException {
    JsonNode config = json(file);
    TreeSet<String> modes = new TreeSet<>();
    if (config.path("pooling_mode").isString()) {
      modes.add(config.path("pooling_mode").asString());
    }
    MODES.forEach((key, mode) -> {
      if (config.path(key).asBoolean(false)) {
        modes.add(mode);
      }
    });
    if (modes.isEmpty() || !askedForPooling) {
      return null;
    }
    return switch (String.join("+", modes)) {
      case "mean" -> Pooling.MEAN;
      case "cls" -> Pooling.CLS;
      case "max" -> Pooling.MAX;
      default ->
          throw FlowException.invalid(
              "%s: pooling %s (expected: mean, cls or max; or say one of them)"
                  .formatted(file, modes));
    };
  }

  private static @Nullable Similarity similarity(@Nullable String name) {
    return switch (name == null ? "" : name.toLowerCase(Locale.ROOT)) {
      case "cosine" -> Similarity.COSINE;
      case "dot" -> Similarity.DOT;
      case "euclidean" -> Similarity.EUCLIDEAN;
      default -> null;
    };
  }

  private static @Nullable Integer length(JsonNode value) {
    return value.isInt() ? value.asInt() : null;
  }

  private static @Nullable String text(JsonNode object, String key, String otherKey) {
    JsonNode value = object.path(object.has(key) ? key : otherKey);
    return value.isString() ? value.asString() : null;
  }

  private JsonNode json(String name) throws IOException {
    if (!folder.has(name)) {
      return JsonMapper.shared().missingNode();
    }
    try {
      return JsonMapper.shared().readTree(folder.read(name, MAX_BYTES));
    } catch (JacksonException e) {
      throw new FlowException(ErrorCode.INVALID_ARGUMENT, name + ": " + e.getOriginalMessage(), e);
    }
  }
}
