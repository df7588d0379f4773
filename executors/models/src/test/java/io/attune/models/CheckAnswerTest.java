package io.attune.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.onnx.ElementType;
import io.attune.runtime.ErrorCode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What goes to the process that tries a model, and what comes back.
class CheckAnswerTest {
  @TempDir private Path folder;

  private byte[] written(CheckAnswer answer) throws IOException {
    answer.write(folder);
    return Files.readAllBytes(folder.resolve(CheckAnswer.FILE));
  }

  private static CheckAnswer answer() {
    return new CheckAnswer(
        null,
        null,
        List.of(new float[] {1, Float.NaN}, new float[] {-3, 4}),
        List.of(new float[] {5}),
        List.of(7L, 8L));
  }

  @Test
  void readsWhatWasWritten() throws IOException {
    CheckAnswer read = CheckAnswer.read(written(answer()));
    assertThat(read.code()).isNull();
    assertThat(read.alone()).containsExactly(new float[] {1, Float.NaN}, new float[] {-3, 4});
    assertThat(read.together()).containsExactly(new float[] {5});
    assertThat(read.cpuNanos()).containsExactly(7L, 8L);
    CheckAnswer failed = CheckAnswer.failed(ErrorCode.DATA_LOSS, "é".repeat(20_000));
    CheckAnswer told = CheckAnswer.read(written(failed));
    assertThat(told.code()).isEqualTo(ErrorCode.DATA_LOSS);
    assertThat(told.message()).isEqualTo("é".repeat(10_000));
  }

  @Test
  void believesNoSizes() throws IOException {
    byte[] fine = written(answer());
    for (int length = 0; length < fine.length; length++) {
      byte[] cut = Arrays.copyOf(fine, length);
      assertThatThrownBy(() -> CheckAnswer.read(cut))
          .as("cut at " + length)
          .isInstanceOf(IOException.class);
    }
    assertThatThrownBy(() -> CheckAnswer.read(Arrays.copyOf(fine, fine.length + 1)))
        .hasMessage("1 bytes after its end");
    for (int count : new int[] {-1, Integer.MIN_VALUE, Integer.MAX_VALUE, 1000}) {
      byte[] wrong = fine.clone();
      ByteBuffer.wrap(wrong).putInt(4, count); // how many rows, past two empty texts
      assertThatThrownBy(() -> CheckAnswer.read(wrong)).hasMessageContaining(count + " numbers");
    }
    assertThatThrownBy(() -> CheckAnswer.read(new byte[] {0, 1, 'X', 0, 0}))
        .hasMessage("no error code: X");
  }

  @Test
  void theRequestArrivesAsItIs() throws IOException {
    CheckRequest request =
        new CheckRequest(
            "/a/model.onnx",
            "/a/tokenizer.json",
            3,
            16,
            List.of(new Golden.Case("half \uD83D of a pair \0", null, null, new float[0])),
            Map.of("input_ids", ElementType.INT64),
            true,
            1L << 40,
            9);
    request.write(folder);
    assertThat(CheckRequest.read(folder)).usingRecursiveComparison().isEqualTo(request);
    CheckRequest tensors =
        new CheckRequest(
            "m",
            null,
            3,
            0,
            List.of(new Golden.Case(null, new float[] {1, 2}, new long[] {2, 1}, new float[0])),
            null,
            false,
            1,
            2);
    tensors.write(folder);
    assertThat(CheckRequest.read(folder)).usingRecursiveComparison().isEqualTo(tensors);
  }
}
