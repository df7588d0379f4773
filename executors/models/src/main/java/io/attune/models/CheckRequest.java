package io.attune.models;

import io.attune.onnx.ElementType;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What the process that tries a model is told, in a form of our own: a JSON library would take
/// that process longer to load than all of its inputs to embed.
///
/// @param model the graph's file
/// @param tokenizer the tokeniser's file; null for tensors
/// @param dimension the length of an embedding
/// @param maxLength the most tokens of a text
/// @param inputs what to embed; their own embeddings are not looked at
/// @param graphInputs the inputs that the graph must have, where it is checked before; null where
///   that was done
/// @param timed whether each input is embedded again, to see what it costs
/// @param memoryBytes the address space it may use beyond what its JVM has taken
/// @param cpuSeconds the processor time it may use
record CheckRequest(
    String model,
    @Nullable String tokenizer,
    int dimension,
    int maxLength,
    List<Golden.Case> inputs,
    @Nullable Map<String, ElementType> graphInputs,
    boolean timed,
    long memoryBytes,
    long cpuSeconds) {
  static final String FILE = "request";

  /// Writes it where its process works.
  void write(Path folder) throws IOException {
    try (DataOutputStream out =
        new DataOutputStream(
            new BufferedOutputStream(Files.newOutputStream(folder.resolve(FILE))))) {
      write(out, model);
      write(out, tokenizer == null ? "" : tokenizer);
      out.writeInt(dimension);
      out.writeInt(maxLength);
      out.writeInt(inputs.size());
      for (Golden.Case input : inputs) {
        write(out, input);
      }
      out.writeInt(graphInputs == null ? 0 : graphInputs.size());
      if (graphInputs != null) {
        for (Map.Entry<String, ElementType> input : graphInputs.entrySet()) {
          write(out, input.getKey());
          write(out, input.getValue().name());
        }
      }
      out.writeBoolean(timed);
      out.writeLong(memoryBytes);
      out.writeLong(cpuSeconds);
    }
  }

  private static void write(DataOutputStream out, Golden.Case input) throws IOException {
    float[] tensor = input.tensor();
    long[] shape = input.shape();
    out.writeBoolean(input.text() != null);
    if (input.text() != null) {
      write(out, input.text());
    }
    Numbers.write(out, tensor == null ? new float[0] : tensor);
    Numbers.write(out, shape == null ? new long[0] : shape);
  }

  /// By UTF-16 units, as no encoding keeps half of a surrogate pair.
  private static void write(DataOutputStream out, String text) throws IOException {
    out.writeInt(text.length());
    out.writeChars(text);
  }

  /// Reads what was written.
  static CheckRequest read(Path folder) throws IOException {
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(folder.resolve(FILE))))) {
      String model = string(in);
      String tokenizer = string(in);
      int dimension = in.readInt();
      int maxLength = in.readInt();
      List<Golden.Case> inputs = new ArrayList<>();
      for (int i = in.readInt(); i > 0; i--) {
        inputs.add(input(in));
      }
      Map<String, ElementType> graphInputs = new LinkedHashMap<>();
      for (int i = in.readInt(); i > 0; i--) {
        graphInputs.put(string(in), ElementType.valueOf(string(in)));
      }
      return new CheckRequest(
          model,
          tokenizer.isEmpty() ? null : tokenizer,
          dimension,
          maxLength,
          inputs,
          graphInputs.isEmpty() ? null : graphInputs,
          in.readBoolean(),
          in.readLong(),
          in.readLong());
    }
  }

  private static Golden.Case input(DataInputStream in) throws IOException {
    String text = in.readBoolean() ? string(in) : null;
    float[] tensor = Numbers.floats(in);
    long[] shape = Numbers.longs(in);
    return text == null
        ? new Golden.Case(null, tensor, shape, new float[0])
        : new Golden.Case(text, null, null, new float[0]);
  }

  private static String string(DataInputStream in) throws IOException {
    byte[] bytes = new byte[Character.BYTES * in.readInt()];
    in.readFully(bytes);
    return ByteBuffer.wrap(bytes).asCharBuffer().toString();
  }
}
