package io.attune.trainer.run;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// All that training needs to go on, bit for bit. It holds no state of a random generator: what is
/// random follows from (seed, epoch, step).
///
/// @param epoch the epochs completely done
/// @param step the steps done
/// @param configHash the [RunConfig#hash()] it was trained with
/// @param weights each trained parameter by its public name
/// @param parts anything else by name, such as what the optimiser remembers
/// @param history what was measured so far, from which callbacks restore themselves
public record Checkpoint(
    int epoch,
    long step,
    String configHash,
    Map<String, float[]> weights,
    Map<String, Part> parts,
    List<Measured> history) {
  public Checkpoint {
    weights = Collections.unmodifiableMap(new LinkedHashMap<>(weights));
    parts = Collections.unmodifiableMap(new LinkedHashMap<>(parts));
    history = List.copyOf(history);
  }

  /// Bytes of somebody's own making, written straight to the file: `optimizer::save` is one.
  @FunctionalInterface
  public interface Part {
    /// Writes them.
    void write(WritableByteChannel channel) throws IOException;

    /// Opens them for reading; a part of a checkpoint that was read reads its file.
    default ReadableByteChannel open() throws IOException {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      write(Channels.newChannel(bytes));
      return Channels.newChannel(new ByteArrayInputStream(bytes.toByteArray()));
    }
  }

  /// The same with other weights.
  public Checkpoint withWeights(Map<String, float[]> others) {
    return new Checkpoint(epoch, step, configHash, others, parts, history);
  }

  /// The same with the weights alone: what is kept of the best epoch.
  public Checkpoint weightsOnly() {
    return new Checkpoint(epoch, step, configHash, weights, Map.of(), history);
  }
}
