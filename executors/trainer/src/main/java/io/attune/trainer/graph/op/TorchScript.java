package io.attune.trainer.graph.op;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/// A function of the engine that DJL has no call for, written in the engine's own language and run
/// by its interpreter. Gradients flow through it as through any other operation.
public final class TorchScript implements AutoCloseable {
  /// A pickle of an object of class `Function` with no attributes (protocol 2): PROTO, GLOBAL,
  /// EMPTY_TUPLE, NEWOBJ, EMPTY_DICT, `training` = True, BUILD, STOP.
  private static final String OBJECT =
      "\u0080\u0002c__torch__\nFunction\n)\u0081}X\u0008\u0000\u0000\u0000training\u0088sb.";

  /// A pickle of an empty tuple.
  private static final String NO_CONSTANTS = "\u0080\u0002).";

  /// The version of the engine's operators that the sources are written for.
  private static final String VERSION = "10\n";

  private final PtSymbolBlock module;

  private TorchScript(PtSymbolBlock module) {
    this.module = module;
  }

  /// A function of arrays.
  ///
  /// @param expression gives its one result
  /// @param parameters the names of its arrays
  public static TorchScript of(String expression, String... parameters) {
    StringBuilder source = new StringBuilder("class Function(Module):\n");
    source.append("  __parameters__ = []\n  __buffers__ = []\n  training : bool\n");
    source.append("  def forward(self: __torch__.Function");
    for (String parameter : parameters) {
      source.append(", ").append(parameter).append(": Tensor");
    }
    source.append(") -> Tensor:\n    return ").append(expression).append('\n');
    // One operation to a function leaves nothing to optimise, and profiling costs the first runs.
    JniUtils.setGraphExecutorOptimize(false);
    PtNDManager manager = (PtNDManager) NDManager.newBaseManager(Device.cpu(), "PyTorch");
    try {
      byte[] archive = archive(source.toString());
      return new TorchScript(
          JniUtils.loadModule(manager, new ByteArrayInputStream(archive), false, false));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Scaled dot-product attention (Vaswani et al., 2017), `softmax(scale q k' + mask) v`, as one
  /// operation: of query and key (batch, heads, length, width), value and, where there is one, a
  /// mask that broadcasts to (batch, heads, queries, keys).
  public static TorchScript attention(double scale, boolean masked) {
    String factor = String.format(Locale.ROOT, "%.17g", scale);
    return masked
        ? of(
            "torch.scaled_dot_product_attention(q, k, v, mask, 0., False, scale=" + factor + ")",
            "q",
            "k",
            "v",
            "mask")
        : of(
            "torch.scaled_dot_product_attention(q, k, v, None, 0., False, scale=" + factor + ")",
            "q",
            "k",
            "v");
  }

  /// The function's result.
  public NDArray apply(NDArray... arrays) {
    try (NDList inputs = new NDList()) {
      for (NDArray array : arrays) {
        inputs.add(array);
      }
      NDArray result = IValueUtils.forward(module, inputs, true).get(0);
      inputs.clear();
      return result;
    }
  }

  @Override
  public void close() {
    module.close();
  }

  /// A source as the engine reads modules: a zip of uncompressed files.
  private static byte[] archive(String source) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      put(zip, "data.pkl", OBJECT);
      put(zip, "code/__torch__.py", source);
      put(zip, "constants.pkl", NO_CONSTANTS);
      put(zip, "version", VERSION);
    }
    return bytes.toByteArray();
  }

  private static void put(ZipOutputStream zip, String name, String text) throws IOException {
    byte[] content = text.getBytes(StandardCharsets.ISO_8859_1);
    CRC32 crc = new CRC32();
    crc.update(content);
    ZipEntry entry = new ZipEntry("function/" + name);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(content.length);
    entry.setCrc(crc.getValue());
    zip.putNextEntry(entry);
    zip.write(content);
    zip.closeEntry();
  }
}
