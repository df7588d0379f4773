package io.attune.trainer.data.collation;

import io.attune.document.Document;
import io.attune.models.Collation;
import io.attune.models.StoredModel;
import io.attune.models.TextTokenizer;
import io.attune.models.Tokens;
import io.attune.onnx.ElementType;
import io.attune.proto.docarray.DocumentProto.ContentCase;
import io.attune.runtime.FlowException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/// Texts as tokens, by the tokeniser and the collation that serving has. Texts of near-equal length
/// go through the graph together. Safe for use by many threads at once, but for closing.
public final class TextCollator implements Collator {
  /// What one more pass forward and backward costs a transformer on a CPU, in tokens; measured for
  /// six layers of 384.
  public static final int PASS_TOKENS = 256;

  /// What is remembered over epochs of texts and their tokens, in bytes.
  private static final long MOST_CACHED_BYTES = 192 << 20;

  private final TextTokenizer tokenizer;
  private final Map<String, ElementType> inputs;
  private final String queryPrompt;
  private final String documentPrompt;
  private final int passTokens;
  private final TokenCache cache = new TokenCache(MOST_CACHED_BYTES);

  /// @param tokenizer the model's; stays the caller's
  /// @param inputs the graph's inputs and their types: `input_ids`, and of `attention_mask` and
  ///   `token_type_ids` what it has; int64 or int32
  /// @param queryPrompt put before the text of a query
  /// @param documentPrompt put before the text of a document
  /// @param passTokens what one more forward pass costs, in tokens: texts are cut into groups of
  ///   near-equal length where that saves more padding. [Integer#MAX_VALUE] for one group always
  public TextCollator(
      TextTokenizer tokenizer,
      Map<String, ElementType> inputs,
      String queryPrompt,
      String documentPrompt,
      int passTokens) {
    this.tokenizer = tokenizer;
    this.inputs = new LinkedHashMap<>(inputs);
    this.queryPrompt = queryPrompt;
    this.documentPrompt = documentPrompt;
    this.passTokens = passTokens;
    inputs.forEach(TextCollator::requireKnown);
    if (passTokens < 0) {
      throw FlowException.invalid("pass_tokens: " + passTokens + " (expected: 0 or more)");
    }
  }

  /// The collator of a model.
  ///
  /// @param tokenizer its tokeniser; stays the caller's
  public static TextCollator of(StoredModel model, TextTokenizer tokenizer) {
    return new TextCollator(
        tokenizer,
        model.artifact().inputs(),
        model.artifact().queryPrompt(),
        model.artifact().documentPrompt(),
        PASS_TOKENS);
  }

  private static void requireKnown(String name, ElementType type) {
    boolean known = List.of("input_ids", "attention_mask", "token_type_ids").contains(name);
    if (!known || (type != ElementType.INT64 && type != ElementType.INT32)) {
      throw FlowException.invalid(
          "input %s: %s (expected: input_ids, attention_mask or token_type_ids, int64 or int32)"
              .formatted(name, type));
    }
  }

  @Override
  public Encoded encode(List<Document> documents, boolean again, IntPredicate isQuery) {
    if (documents.isEmpty()) {
      throw FlowException.invalid("batch: empty (expected: one text or more)");
    }
    List<Tokens> tokens = new ArrayList<>(documents.size());
    int[] lengths = new int[documents.size()];
    for (int row = 0; row < lengths.length; row++) {
      tokens.add(tokens(text(documents.get(row)), again, isQuery.test(row)));
      lengths[row] = tokens.get(row).length();
    }
    List<int[]> groups = LengthGroups.of(lengths, passTokens);
    List<EncodedBatch> parts = new ArrayList<>(groups.size());
    int[] order = new int[lengths.length];
    int at = 0;
    for (int[] group : groups) {
      parts.add(part(Arrays.stream(group).mapToObj(tokens::get).toList()));
      System.arraycopy(group, 0, order, at, group.length);
      at += group.length;
    }
    return new Encoded(order, parts);
  }

  private Tokens tokens(String text, boolean again, boolean query) {
    @Nullable Tokens known = cache.get(text, query);
    if (known != null) {
      return known;
    }
    Tokens tokens = tokenizer.encode(query ? queryPrompt : documentPrompt, text);
    if (again) {
      cache.put(text, query, tokens);
    }
    return tokens;
  }

  private static String text(Document document) {
    if (document.contentCase() != ContentCase.TEXT) {
      throw FlowException.invalid(
          "document %s: %s (expected: a text, which this model reads)"
              .formatted(document.id(), document.setFields()));
    }
    return document.text();
  }

  /// One forward pass over texts as they are.
  public EncodedBatch part(List<Tokens> texts) {
    Collation collation = Collation.of(texts);
    long[] shape = {collation.rows(), collation.length()};
    List<EncodedInput> values = new ArrayList<>(inputs.size());
    inputs.forEach((name, type) ->
        values.add(new EncodedInput.Whole(name, values(name, collation), shape, type)));
    return new EncodedBatch(collation.rows(), values);
  }

  private static long[] values(String input, Collation collation) {
    return switch (input) {
      case "input_ids" -> collation.inputIds();
      case "attention_mask" -> collation.attentionMask();
      default -> collation.tokenTypeIds();
    };
  }
}
