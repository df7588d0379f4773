package io.attune.models;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/// Texts to token ids by an artifact's `tokenizer.json`, exactly as Hugging Face's own library does
/// it (it is the same native code). Padding and truncation in the file count for nothing: a text is
/// as long as it is, up to `max_length` tokens, special tokens included.
///
/// Safe for use by many threads at once; tokenising runs on the calling thread.
public final class TextTokenizer implements AutoCloseable {
  /// No more than this many characters to a token the model may keep are tokenised, so that a huge
  /// text costs no more than a long one. Only a text whose tokens are longer than this on average,
  /// such as one of spaces, can tell.
  private static final int MOST_CHARACTERS_PER_TOKEN = 1000;

  private final HuggingFaceTokenizer tokenizer;
  private final int maxLength;
  private final LongAdder cutTexts = new LongAdder();

  private TextTokenizer(HuggingFaceTokenizer tokenizer, int maxLength) {
    this.tokenizer = tokenizer;
    this.maxLength = maxLength;
  }

  /// The tokeniser of a model.
  public static TextTokenizer open(StoredModel model) {
    return open(model.tokenizer(), model.artifact().maxLength());
  }

  /// The tokeniser of a file.
  ///
  /// @param maxLength the most tokens of a text, special tokens included, 3 or more
  public static TextTokenizer open(Path tokenizerJson, int maxLength) {
    if (maxLength < 3) {
      throw FlowException.invalid("max_length: " + maxLength + " (expected: 3..)");
    }
    NativeLibraries.settle();
    Map<String, String> options =
        Map.of(
            "addSpecialTokens", "true",
            "padding", "false",
            "truncation", "true",
            "stride", "0",
            "maxLength", Integer.toString(maxLength),
            "modelMaxLength", Integer.toString(maxLength));
    try {
      if (!Files.isRegularFile(tokenizerJson)) {
        throw new FlowException(
            ErrorCode.NOT_FOUND, tokenizerJson + ": missing (expected: a tokenizer.json)");
      }
      return new TextTokenizer(HuggingFaceTokenizer.newInstance(tokenizerJson, options), maxLength);
    } catch (IOException e) {
      throw new FlowException(
          ErrorCode.INTERNAL, tokenizerJson + ": cannot be read: " + e.getMessage(), e);
    } catch (RuntimeException e) {
      if (e instanceof FlowException known) {
        throw known;
      }
      throw new FlowException(
          ErrorCode.INVALID_ARGUMENT,
          tokenizerJson + ": " + e.getMessage() + " (expected: a Hugging Face tokenizer.json)",
          e);
    }
  }

  /// The tokens of a text.
  public Tokens encode(String text) {
    Encoding encoding = tokenizer.encode(wellFormed(text));
    boolean cut = encoding.exceedMaxLength();
    if (cut) {
      cutTexts.increment();
    }
    return new Tokens(ints(encoding.getIds()), ints(encoding.getTypeIds()), cut);
  }

  /// The tokens of a text behind a prompt, as serving and training read a document. Of a huge text
  /// only the start is read.
  ///
  /// @param prompt the model's for queries or documents; may be empty
  public Tokens encode(String prompt, String text) {
    long most = (long) maxLength * MOST_CHARACTERS_PER_TOKEN;
    if (text.length() <= most) {
      return encode(prompt + text);
    }
    Tokens start = encode(prompt + text.substring(0, (int) most));
    return new Tokens(start.ids(), start.typeIds(), true);
  }

  /// The tokens of each text.
  public List<Tokens> encode(List<String> texts) {
    return texts.stream().map(this::encode).toList();
  }

  /// How many texts were longer than `max_length` since it was opened.
  public long cutTexts() {
    return cutTexts.sum();
  }

  /// The most tokens of a text.
  public int maxLength() {
    return maxLength;
  }

  @Override
  public void close() {
    tokenizer.close();
  }

  /// Half a surrogate pair is no text and has no UTF-8: it reads as U+FFFD.
  private static String wellFormed(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        int[] points =
            text.codePoints()
                .map(point -> Character.getType(point) == Character.SURROGATE ? 0xFFFD : point)
                .toArray();
        return new String(points, 0, points.length);
      }
    }
    return text;
  }

  private static int[] ints(long[] values) {
    int[] ints = new int[values.length];
    for (int i = 0; i < ints.length; i++) {
      ints[i] = (int) values[i];
    }
    return ints;
  }
}
