package io.attune.onnx;

import com.google.protobuf.UnsafeByteOperations;
import io.attune.onnx.proto.AttributeProto;
import io.attune.onnx.proto.GraphProto;
import io.attune.onnx.proto.ModelProto;
import io.attune.onnx.proto.NodeProto;
import io.attune.onnx.proto.SparseTensorProto;
import io.attune.onnx.proto.StringStringEntryProto;
import io.attune.onnx.proto.TensorProto;
import io.attune.onnx.proto.TensorProto.DataLocation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;

/// Takes tensors that lie in files beside a model into the model. Only at import: a model in the
/// store has no external data.
///
/// A file is accepted where it is a plain file inside the model's own folder, reached through no
/// link of any kind: the path's text has no `..`, drive or root, no part of it is a symbolic link,
/// its canonical path lies in the folder's, and it has one name on disk (no hard link). It is
/// opened without following links, and read once.
public final class ExternalData {
  private final Path folder;
  private long inlined;

  private ExternalData(Path folder) throws IOException {
    this.folder = folder.toRealPath();
  }

  /// True where a tensor of the model lies in another file.
  public static boolean used(OnnxModel model) {
    return new Finder().graph(model.proto().getGraph());
  }

  /// How many bytes lie in other files, by the types and dimensions of the main graph's
  /// initialisers.
  ///
  /// @throws InvalidModelException where the whole is past protobuf's 2 GiB
  public static long bytes(OnnxModel model) {
    long bytes = 0;
    for (TensorProto tensor : model.proto().getGraph().getInitializerList()) {
      if (external(tensor)) {
        String where = "initializer \"" + tensor.getName() + '"';
        ElementType type = TensorChecks.type(tensor.getDataType(), where);
        bytes += Math.min(type.bytes(TensorChecks.elements(tensor, where)), 1L << 50);
      }
    }
    if (bytes + model.proto().getSerializedSize() > Limits.MAX_BYTES) {
      throw OnnxModel.tooLarge(bytes);
    }
    return bytes;
  }

  /// The model with every external tensor inside it.
  ///
  /// @param folder the model's own folder
  /// @throws InvalidModelException where a file is refused or the whole is past protobuf's 2 GiB
  public static OnnxModel inline(OnnxModel model, Path folder) throws IOException {
    if (!used(model)) {
      return model;
    }
    ExternalData data = new ExternalData(folder);
    data.inlined = data.ownBytes(model);
    ModelProto.Builder proto = model.proto().toBuilder();
    data.graph(proto.getGraphBuilder());
    return new OnnxModel(proto.build());
  }

  private long ownBytes(OnnxModel model) {
    return model.proto().getSerializedSize();
  }

  private void graph(GraphProto.Builder graph) throws IOException {
    for (int i = 0; i < graph.getInitializerCount(); i++) {
      if (external(graph.getInitializer(i))) {
        graph.setInitializer(
            i,
            inline(
                graph.getInitializer(i),
                "initializer \"" + graph.getInitializer(i).getName() + '"'));
      }
    }
    for (int i = 0; i < graph.getSparseInitializerCount(); i++) {
      refuseSparse(graph.getSparseInitializer(i));
    }
    Finder finder = new Finder();
    for (int i = 0; i < graph.getNodeCount(); i++) {
      if (finder.node(graph.getNode(i))) {
        node(graph.getNodeBuilder(i), new Node(graph.getNode(i), i).toString());
      }
    }
  }

  private void node(NodeProto.Builder node, String where) throws IOException {
    for (AttributeProto.Builder attribute : node.getAttributeBuilderList()) {
      if (attribute.hasT() && external(attribute.getT())) {
        attribute.setT(inline(attribute.getT(), where));
      }
      for (int i = 0; i < attribute.getTensorsCount(); i++) {
        if (external(attribute.getTensors(i))) {
          attribute.setTensors(i, inline(attribute.getTensors(i), where));
        }
      }
      if (attribute.hasG()) {
        graph(attribute.getGBuilder());
      }
      for (GraphProto.Builder graph : attribute.getGraphsBuilderList()) {
        graph(graph);
      }
    }
  }

  private static void refuseSparse(SparseTensorProto sparse) {
    if (external(sparse.getValues()) || external(sparse.getIndices())) {
      throw new InvalidModelException(
          "sparse initializer \"%s\": external data (expected: inside the model)"
              .formatted(sparse.getValues().getName()));
    }
  }

  private TensorProto inline(TensorProto tensor, String where) throws IOException {
    ElementType type = TensorChecks.type(tensor.getDataType(), where);
    if (type == ElementType.STRING) {
      throw refused(where, "external strings", "a type of fixed width");
    }
    if (tensor.hasRawData()) {
      throw refused(where, "both raw_data and external data", "one of the two");
    }
    long length = type.bytes(TensorChecks.elements(tensor, where));
    inlined += length;
    if (inlined > Limits.MAX_BYTES) {
      throw refused(
          where,
          inlined + " bytes of tensors so far",
          "at most " + Limits.MAX_BYTES + ", protobuf's limit of 2 GiB for one file");
    }
    Location location = Location.of(tensor, where);
    if (location.length >= 0 && location.length != length) {
      throw refused(where, "length " + location.length, length + " bytes by type and dimensions");
    }
    ByteBuffer data = read(location, (int) length, where);
    return tensor.toBuilder()
        .clearExternalData()
        .clearDataLocation()
        .setRawData(UnsafeByteOperations.unsafeWrap(data))
        .build();
  }

  private ByteBuffer read(Location location, int length, String where) throws IOException {
    Path file = resolve(location.path, where);
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
      long size = channel.size();
      if (location.offset > size || length > size - location.offset) {
        throw refused(
            where,
            "%d bytes at offset %d of a file of %d".formatted(length, location.offset, size),
            "a range inside the file");
      }
      ByteBuffer data = ByteBuffer.allocate(length);
      while (data.hasRemaining()) {
        if (channel.read(data, location.offset + data.position()) < 0) {
          throw refused(where, "the file became shorter", "a file that stays as it is");
        }
      }
      return data.flip();
    }
  }

  private Path resolve(String location, String where) throws IOException {
    String expected = "a plain file inside the model's folder";
    Path relative;
    try {
      relative = Path.of(location);
    } catch (InvalidPathException e) {
      throw new InvalidModelException(
          where + ": external data location \"" + location + "\" (expected: " + expected + ")", e);
    }
    if (location.isEmpty()
        || relative.isAbsolute()
        || location.indexOf('\\') >= 0
        || location.indexOf(':') >= 0
        || !relative.normalize().toString().equals(location)
        || relative.startsWith("..")) {
      throw refused(where, "external data location \"" + location + '"', expected);
    }
    Path file = folder;
    for (Path part : relative) {
      file = file.resolve(part);
      if (Files.isSymbolicLink(file)) {
        throw refused(where, "external data \"" + location + "\" is a symbolic link", expected);
      }
    }
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      throw refused(where, "external data \"" + location + "\" is missing or no file", expected);
    }
    if (!file.toRealPath().startsWith(folder) || linkCount(file) != 1) {
      throw refused(where, "external data \"" + location + "\" is a link", expected);
    }
    return file;
  }

  private static int linkCount(Path file) throws IOException {
    if (!file.getFileSystem().supportedFileAttributeViews().contains("unix")) {
      return 1;
    }
    return (Integer) Files.getAttribute(file, "unix:nlink", LinkOption.NOFOLLOW_LINKS);
  }

  private static boolean external(TensorProto tensor) {
    return tensor.getDataLocation() == DataLocation.EXTERNAL || tensor.getExternalDataCount() > 0;
  }

  private static InvalidModelException refused(String where, String actual, String expected) {
    return new InvalidModelException(where + ": " + actual + " (expected: " + expected + ")");
  }

  /// Where a tensor's bytes lie.
  ///
  /// @param length the declared number of bytes, or -1
  private record Location(String path, long offset, long length) {
    static Location of(TensorProto tensor, String where) {
      Map<String, String> keys = new HashMap<>();
      for (StringStringEntryProto entry : tensor.getExternalDataList()) {
        if (keys.put(entry.getKey(), entry.getValue()) != null) {
          throw refused(where, "external data key \"" + entry.getKey() + "\" twice", "once");
        }
      }
      for (String key : keys.keySet()) {
        switch (key) {
          case "location", "offset", "length", "checksum", "basepath" -> {}
          default ->
              throw refused(
                  where, "external data key \"" + key + '"', "location, offset, length, checksum");
        }
      }
      if (keys.containsKey("basepath")) {
        throw refused(where, "external data key \"basepath\"", "location, offset, length");
      }
      return new Location(
          keys.getOrDefault("location", ""),
          number(keys.getOrDefault("offset", "0"), "offset", where),
          keys.containsKey("length") ? number(keys.get("length"), "length", where) : -1);
    }

    private static long number(
        @org.jspecify.annotations.Nullable String text, String key, String where) {
      try {
        long value = Long.parseLong(String.valueOf(text));
        if (value >= 0) {
          return value;
        }
      } catch (NumberFormatException _) {
        // falls through to the one message
      }
      throw refused(where, "external data " + key + " \"" + text + '"', "0..2^63-1");
    }
  }

  /// Finds external tensors without building anything.
  private static final class Finder {
    boolean graph(GraphProto graph) {
      return graph.getInitializerList().stream().anyMatch(ExternalData::external)
          || graph.getSparseInitializerList().stream()
              .anyMatch(s -> external(s.getValues()) || external(s.getIndices()))
          || graph.getNodeList().stream().anyMatch(this::node);
    }

    boolean node(NodeProto node) {
      return node.getAttributeList().stream().anyMatch(this::attribute);
    }

    private boolean attribute(AttributeProto attribute) {
      return (attribute.hasT() && external(attribute.getT()))
          || attribute.getTensorsList().stream().anyMatch(ExternalData::external)
          || (attribute.hasG() && graph(attribute.getG()))
          || attribute.getGraphsList().stream().anyMatch(this::graph);
    }
  }
}
