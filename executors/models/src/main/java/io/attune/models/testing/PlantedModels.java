package io.attune.models.testing;

import io.attune.models.Artifact;
import io.attune.models.Golden;
import io.attune.models.ModelStore;
import io.attune.models.Pooling;
import io.attune.models.Preprocess;
import io.attune.models.Similarity;
import io.attune.models.Space;
import io.attune.models.Staging;
import io.attune.models.StoredModel;
import io.attune.onnx.ElementType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/// Small text models whose embeddings are known: for tests of what swaps models.
///
/// The words are `w0` to `w63`. A text's embedding is the sum of its words' vectors, of length 1.
/// Models of one slot give the same embeddings. Those of different slots are orthogonal rotations
/// of each other: texts have the same cosines within each, and any text of one has cosine 0 with
/// any text of another, so that every answer that mixes them shows.
public final class PlantedModels {
  /// How many spaces there are that are orthogonal to each other.
  public static final int SLOTS = 4;

  /// The length of an embedding.
  public static final int DIMENSION = 64;

  private static final int WIDTH = DIMENSION / SLOTS;
  private static final int WORDS = 64;
  private static final int SPECIAL = 2; // [CLS] and [UNK]
  private static final int ROWS = WORDS + SPECIAL;
  private static final int MAX_LENGTH = 32;
  private static final long SEED = 7;

  private PlantedModels() {}

  /// A text of some words, the same for the same seed.
  public static String text(long seed) {
    Random random = new Random(seed);
    return IntStream.range(0, 2 + random.nextInt(6))
        .mapToObj(_ -> "w" + random.nextInt(WORDS))
        .collect(Collectors.joining(" "));
  }

  /// The embedding that a model of a slot gives, computed here.
  ///
  /// @param text words among `w0` to `w63`, at most 30, one space between two
  public static float[] embedding(String text, int slot) {
    float[] table = table(slot);
    double[] sum = new double[DIMENSION];
    add(sum, table, 0);
    for (String word : text.isEmpty() ? new String[0] : text.split(" ", -1)) {
      add(sum, table, SPECIAL + Integer.parseInt(word.substring(1)));
    }
    double squares = 0;
    for (double value : sum) {
      squares += value * value;
    }
    float[] unit = new float[DIMENSION];
    for (int i = 0; i < DIMENSION; i++) {
      unit[i] = (float) (sum[i] / Math.sqrt(squares));
    }
    return unit;
  }

  private static void add(double[] sum, float[] table, int row) {
    for (int i = 0; i < DIMENSION; i++) {
      sum[i] += table[row * DIMENSION + i];
    }
  }

  private static float[] table(int slot) {
    Random random = new Random(SEED);
    float[] table = new float[ROWS * DIMENSION];
    for (int row = 0; row < ROWS; row++) {
      for (int i = 0; i < WIDTH; i++) {
        table[row * DIMENSION + slot * WIDTH + i] = (float) random.nextGaussian();
      }
    }
    return table;
  }

  /// Publishes a healthy version.
  ///
  /// @param slot 0 to 3
  public static StoredModel publish(ModelStore store, String name, int slot) {
    return publish(store, name, slot, null);
  }

  /// Publishes a version that must never serve.
  public static StoredModel poisoned(ModelStore store, String name, int slot, Poison poison) {
    return publish(store, name, slot, poison);
  }

  private static StoredModel publish(
      ModelStore store, String name, int slot, @Nullable Poison poison) {
    try (Staging staging = store.stage(name)) {
      Path folder = staging.folder();
      Files.write(folder.resolve(Artifact.MODEL), graph(slot, poison));
      Files.writeString(
          folder.resolve(Artifact.TOKENIZER), tokenizer(poison == Poison.WRONG_TOKENIZER ? 1 : 0));
      JsonMapper.shared()
          .writeValue(folder.resolve(Artifact.GOLDEN), golden(slot, poison == Poison.COLLAPSED));
      StoredModel stored = staging.publish(artifact(name, staging.hashes()));
      if (poison == Poison.CORRUPT_FILE) {
        corrupt(stored.model());
      }
      return stored;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void corrupt(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes);
  }

  private static byte[] graph(int slot, @Nullable Poison poison) {
    float[] table = table(slot);
    int dimension = DIMENSION;
    if (poison == Poison.NAN_WEIGHTS) {
      for (int row = 0; row < ROWS; row++) {
        table[row * DIMENSION + slot * WIDTH] = Float.NaN;
      }
    } else if (poison == Poison.COLLAPSED) {
      for (int row = 1; row < ROWS; row++) {
        System.arraycopy(table, 0, table, row * DIMENSION, DIMENSION);
      }
    } else if (poison == Poison.WRONG_DIMENSION) {
      dimension = WIDTH;
      table = new float[ROWS * WIDTH];
      Arrays.fill(table, 1);
    }
    PlantedGraph graph = new PlantedGraph(table, ROWS, dimension);
    if (poison != null) {
      switch (poison) {
        case CRASH_ON_LOAD -> graph.crashing();
        case SLOW -> graph.slow();
        case ENDLESS -> graph.endless();
        case CORRUPT_FILE, WRONG_DIMENSION, NAN_WEIGHTS, WRONG_TOKENIZER, COLLAPSED -> {}
      }
    }
    return graph.bytes();
  }

  private static Golden golden(int slot, boolean collapsed) {
    List<Golden.Case> cases = new ArrayList<>();
    for (String text : List.of("", "w0", "w1 w2 w3", text(1), text(2), text(3))) {
      cases.add(new Golden.Case(text, null, null, embedding(collapsed ? "" : text, slot)));
    }
    return new Golden(cases);
  }

  private static Artifact artifact(String name, Map<String, String> hashes) {
    Space space =
        Space.of(
            String.valueOf(hashes.get(Artifact.MODEL)),
            String.valueOf(hashes.get(Artifact.TOKENIZER)),
            Integer.toString(MAX_LENGTH),
            "",
            "");
    return new Artifact(
        name,
        0,
        Preprocess.TEXT,
        Map.of("input_ids", ElementType.INT64, "attention_mask", ElementType.INT64),
        DIMENSION,
        MAX_LENGTH,
        Pooling.NONE,
        true,
        Similarity.COSINE,
        "",
        "",
        space,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Map.of(),
        Map.of(),
        List.of());
  }

  /// Words by spaces, after `[CLS]`.
  ///
  /// @param shift how far each word's id is from the right one
  private static String tokenizer(int shift) {
    String words =
        IntStream.range(0, WORDS)
            .mapToObj(i -> "\"w%d\": %d".formatted(i, SPECIAL + (i + shift) % WORDS))
            .collect(Collectors.joining(", "));
    return """
    {"version": "1.0", "truncation": null, "padding": null,
     "added_tokens": [
      {"id": 0, "content": "[CLS]", "single_word": false, "lstrip": false, "rstrip": false,
       "normalized": false, "special": true},
      {"id": 1, "content": "[UNK]", "single_word": false, "lstrip": false, "rstrip": false,
       "normalized": false, "special": true}],
     "normalizer": null,
     "pre_tokenizer": {"type": "WhitespaceSplit"},
     "post_processor": {"type": "TemplateProcessing",
      "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}},
       {"Sequence": {"id": "A", "type_id": 0}}],
      "pair": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}},
       {"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
      "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [0], "tokens": ["[CLS]"]}}},
     "decoder": null,
     "model": {"type": "WordLevel", "unk_token": "[UNK]",
      "vocab": {"[CLS]": 0, "[UNK]": 1, %s}}}
    """
        .formatted(words);
  }
}
