package io.attune.onnx;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import io.attune.onnx.proto.ModelProto;
import io.attune.onnx.proto.OperatorSetIdProto;
import io.attune.onnx.proto.StringStringEntryProto;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/// An ONNX file as an immutable value: read with bounds, looked at through [#graph()], changed
/// through [#edit()], written back deterministically.
///
/// Reading parses and bounds; [#check()] says whether the content is one that may be run.
public final class OnnxModel {
  private final ModelProto proto;
  private final Graph graph;

  OnnxModel(ModelProto proto) {
    this.proto = proto;
    graph = new Graph(proto.getGraph());
  }

  /// Reads a file within [Limits#DEFAULT].
  ///
  /// @throws InvalidModelException where the file is too large or not an ONNX model
  public static OnnxModel read(Path file) throws IOException {
    long size = Files.size(file);
    if (size > Limits.MAX_BYTES) {
      throw new InvalidModelException(
          "%s: %d bytes (expected: at most %d, protobuf's limit of 2 GiB for one file)"
              .formatted(file.getFileName(), size, Limits.MAX_BYTES));
    }
    return parse(Files.readAllBytes(file), Limits.DEFAULT);
  }

  /// Reads a model from memory; the bytes are shared, not copied, and must not change.
  ///
  /// @throws InvalidModelException where the bytes are too many or not an ONNX model
  public static OnnxModel parse(byte[] bytes, Limits limits) {
    WireBounds.check(bytes, ModelProto.getDescriptor(), limits);
    CodedInputStream in = CodedInputStream.newInstance(bytes);
    in.enableAliasing(true);
    in.setSizeLimit(Integer.MAX_VALUE);
    try {
      ModelProto proto = ModelProto.parseFrom(in);
      if (!proto.hasGraph()) {
        throw new InvalidModelException("graph: missing (expected: an ONNX model with a graph)");
      }
      return new OnnxModel(proto);
    } catch (InvalidProtocolBufferException e) {
      throw WireBounds.unparseable(in.getTotalBytesRead(), e);
    } catch (IOException e) {
      throw new IllegalStateException("reading from memory failed", e);
    }
  }

  /// Reads a model from memory within [Limits#DEFAULT].
  public static OnnxModel parse(byte[] bytes) {
    return parse(bytes, Limits.DEFAULT);
  }

  /// A model over a message that was built here.
  public static OnnxModel of(ModelProto proto) {
    return new OnnxModel(proto);
  }

  /// The main graph.
  public Graph graph() {
    return graph;
  }

  /// The operator sets by domain; ONNX's own is the empty domain.
  public Map<String, Long> opsets() {
    Map<String, Long> opsets = new LinkedHashMap<>();
    for (OperatorSetIdProto opset : proto.getOpsetImportList()) {
      opsets.put(normalDomain(opset.getDomain()), opset.getVersion());
    }
    return Collections.unmodifiableMap(opsets);
  }

  /// The version of ONNX's own operators; 1 where the file names none, as the specification says.
  public long opset() {
    return opsets().getOrDefault("", 1L);
  }

  /// The version of the file format.
  public long irVersion() {
    return proto.getIrVersion();
  }

  /// The free-form properties of the file.
  public Map<String, String> metadata() {
    Map<String, String> metadata = new LinkedHashMap<>();
    for (StringStringEntryProto entry : proto.getMetadataPropsList()) {
      metadata.put(entry.getKey(), entry.getValue());
    }
    return Collections.unmodifiableMap(metadata);
  }

  /// Refuses a model that must not reach a runtime; see [ModelChecks].
  ///
  /// @return this model
  /// @throws InvalidModelException naming what is wrong, and in which node
  public OnnxModel check() {
    ModelChecks.check(proto, Limits.DEFAULT);
    return this;
  }

  /// Starts a change; this model stays as it is.
  public ModelEdit edit() {
    return new ModelEdit(this);
  }

  /// The file's bytes. Equal models give equal bytes.
  public byte[] bytes() {
    requireWritable();
    return proto.toByteArray();
  }

  /// Writes the file without a second copy in memory.
  public void write(OutputStream out) throws IOException {
    requireWritable();
    CodedOutputStream coded = CodedOutputStream.newInstance(out, 1 << 16);
    proto.writeTo(coded);
    coded.flush();
  }

  /// The file's message.
  public ModelProto proto() {
    return proto;
  }

  static String normalDomain(String domain) {
    return domain.equals("ai.onnx") ? "" : domain;
  }

  /// Protobuf computes sizes in 32 bits, so a larger model would be written wrong.
  private void requireWritable() {
    long tensors = 0;
    for (Tensor tensor : graph.initializers().values()) {
      tensors += tensor.proto().getRawData().size();
    }
    if (tensors > Limits.MAX_BYTES || proto.getSerializedSize() < 0) {
      throw tooLarge(tensors);
    }
  }

  static InvalidModelException tooLarge(long bytes) {
    return new InvalidModelException(
        "model: %d bytes of tensors (expected: at most %d, protobuf's limit of 2 GiB for one file)"
            .formatted(bytes, Limits.MAX_BYTES));
  }
}
