package io.attune.gateway.rollout.trial;

import com.google.protobuf.ByteString;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.zip.DataFormatException;
import org.HdrHistogram.Histogram;

/// How long searches took: a histogram in microseconds, exact to two digits, that can be added to
/// another. Not safe for several threads.
final class Latencies {
  private static final int DIGITS = 2;
  private static final long SHORTEST_MICROS = 1;
  private static final long LONGEST_MICROS = TimeUnit.HOURS.toMicros(1);
  private static final double MICROS_PER_MILLI = 1000;

  private final Histogram histogram = new Histogram(LONGEST_MICROS, DIGITS);

  void add(long nanos) {
    long micros = TimeUnit.NANOSECONDS.toMicros(nanos);
    histogram.recordValue(Math.clamp(micros, SHORTEST_MICROS, LONGEST_MICROS));
  }

  /// Adds what [#encoded] wrote; nothing where it is empty.
  ///
  /// @throws FlowException (DATA_LOSS) where it is something else
  void add(ByteString encoded) {
    if (encoded.isEmpty()) {
      return;
    }
    try {
      histogram.add(
          Histogram.decodeFromCompressedByteBuffer(
              ByteBuffer.wrap(encoded.toByteArray()), LONGEST_MICROS));
    } catch (DataFormatException | IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new FlowException(
          ErrorCode.DATA_LOSS, "latencies: %s (expected: an HdrHistogram)".formatted(e), e);
    }
  }

  ByteString encoded() {
    if (histogram.getTotalCount() == 0) {
      return ByteString.EMPTY;
    }
    ByteBuffer buffer = ByteBuffer.allocate(histogram.getNeededByteBufferCapacity());
    int size = histogram.encodeIntoCompressedByteBuffer(buffer);
    return ByteString.copyFrom(buffer.array(), 0, size);
  }

  /// The time that a share of the searches took at most, in milliseconds; 0 where there are none.
  double percentile(double percent) {
    return histogram.getTotalCount() == 0
        ? 0
        : histogram.getValueAtPercentile(percent) / MICROS_PER_MILLI;
  }
}
