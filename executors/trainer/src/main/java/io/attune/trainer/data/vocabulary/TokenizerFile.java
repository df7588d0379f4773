package io.attune.trainer.data.vocabulary;

import java.util.Map;
import java.util.function.Consumer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A word vocabulary as Hugging Face's `tokenizer.json`: punctuation replaced by spaces, lower
/// case, split at spaces, truncated and padded on the left.
final class TokenizerFile {
  private static final String PADDING = "[PAD]";
  private static final String UNKNOWN = "[UNK]";

  /// [KerasWords#FILTERS] as a class of characters.
  private static final String FILTERS = "[!-&(-/:-@\\[-`{-~\\t\\n]";

  /// Longer words are unknown.
  private static final int MAX_WORD_CHARACTERS = 100;

  private TokenizerFile() {}

  /// Model `WordLevel`: a word that is not there is unknown.
  static String of(Map<String, Integer> ids, int maxLength) {
    return of("WordLevel", ids, maxLength, _ -> {});
  }

  /// Model `WordPiece`: a word that is not there is cut into pieces.
  ///
  /// @param prefix what a piece begins with that goes on with a word
  static String ofPieces(Map<String, Integer> ids, String prefix, int maxLength) {
    return of(
        "WordPiece",
        ids,
        maxLength,
        model ->
            model
                .put("continuing_subword_prefix", prefix)
                .put("max_input_chars_per_word", MAX_WORD_CHARACTERS));
  }

  private static String of(
      String type, Map<String, Integer> ids, int maxLength, Consumer<ObjectNode> more) {
    JsonMapper mapper = JsonMapper.shared();
    ObjectNode file = mapper.createObjectNode();
    file.put("version", "1.0");
    ObjectNode truncation = file.putObject("truncation");
    truncation.put("direction", "Left").put("max_length", maxLength);
    truncation.put("strategy", "LongestFirst").put("stride", 0);
    ObjectNode padding = file.putObject("padding");
    padding.put("strategy", "BatchLongest").put("direction", "Left");
    padding.putNull("pad_to_multiple_of");
    padding.put("pad_id", WordVocabulary.PADDING).put("pad_type_id", 0).put("pad_token", PADDING);
    file.putArray("added_tokens");
    ArrayNode normalizers =
        file.putObject("normalizer").put("type", "Sequence").putArray("normalizers");
    ObjectNode replace = normalizers.addObject().put("type", "Replace");
    replace.putObject("pattern").put("Regex", FILTERS);
    replace.put("content", " ");
    normalizers.addObject().put("type", "Lowercase");
    ObjectNode split = file.putObject("pre_tokenizer").put("type", "Split");
    split.putObject("pattern").put("String", " ");
    split.put("behavior", "Removed").put("invert", false);
    file.putNull("post_processor");
    file.putNull("decoder");
    ObjectNode model = file.putObject("model").put("type", type);
    ObjectNode vocabulary = model.putObject("vocab");
    vocabulary.put(PADDING, WordVocabulary.PADDING).put(UNKNOWN, WordVocabulary.UNKNOWN);
    ids.forEach(vocabulary::put);
    model.put("unk_token", UNKNOWN);
    more.accept(model);
    return mapper.writeValueAsString(file);
  }
}
