package io.attune.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.models.ModelStore;
import io.attune.models.StoredModel;
import io.attune.models.testing.PlantedModels;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemoryRoomTest {
  private static final long MB = 1 << 20;

  @TempDir private Path root;

  private void file(String name, String text) throws IOException {
    Path file = root.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  @Test
  void takesWhatTheMachineHas() throws IOException {
    assertThat(MemoryRoom.available(root)).isEqualTo(Long.MAX_VALUE);
    file("proc/meminfo", "MemTotal:       9000 kB\nMemFree: 10 kB\nMemAvailable:    2048 kB\n");
    assertThat(MemoryRoom.available(root)).isEqualTo(2 * MB);
    file("proc/self/cgroup", "0::/\n");
    assertThat(MemoryRoom.available(root)).isEqualTo(2 * MB);
  }

  @Test
  void takesTheNarrowestControlGroupAroundIt() throws IOException {
    file("proc/meminfo", "MemAvailable: 99999999 kB\n");
    file("proc/self/cgroup", "0::/pod/encoder\n");
    file("sys/fs/cgroup/pod/encoder/memory.max", "max\n");
    file("sys/fs/cgroup/pod/encoder/memory.current", "100\n");
    file("sys/fs/cgroup/pod/memory.max", 1000 * MB + "\n");
    file("sys/fs/cgroup/pod/memory.current", 900 * MB + "\n");
    assertThat(MemoryRoom.available(root)).isEqualTo(100 * MB);
    file("sys/fs/cgroup/pod/memory.stat", "anon 5\ninactive_file " + 300 * MB + "\nfile 7\n");
    assertThat(MemoryRoom.available(root)).isEqualTo(400 * MB);
  }

  @Test
  void readsTheFirstVersionOfControlGroups() throws IOException {
    file("proc/meminfo", "MemAvailable: 99999999 kB\n");
    file("proc/self/cgroup", "9:cpu,cpuacct:/a\n4:memory:/docker/b\n1:name=systemd:/c\n");
    file("sys/fs/cgroup/memory/docker/b/memory.limit_in_bytes", 500 * MB + "\n");
    file("sys/fs/cgroup/memory/docker/b/memory.usage_in_bytes", 200 * MB + "\n");
    file("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    file("sys/fs/cgroup/memory/memory.usage_in_bytes", "1\n");
    assertThat(MemoryRoom.available(root)).isEqualTo(300 * MB);
  }

  @Test
  void aGroupOutsideTheMountIsNotLookedFor() throws IOException {
    file("proc/meminfo", "MemAvailable: 1024 kB\n");
    file("proc/self/cgroup", "0::/../../etc\nnonsense\n");
    file("etc/memory.max", "1\n");
    file("etc/memory.current", "0\n");
    assertThat(MemoryRoom.available(root)).isEqualTo(MB);
  }

  @Test
  void refusesWhatDoesNotFit() {
    StoredModel model = PlantedModels.publish(ModelStore.at(root), "m", 0);
    long taken = MemoryRoom.taken(model);
    assertThatCode(() -> new MemoryRoom(2 * taken).require(model, taken))
        .doesNotThrowAnyException();
    assertThatThrownBy(() -> new MemoryRoom(2 * taken - 1).require(model, taken))
        .isInstanceOfSatisfying(
            FlowException.class,
            failure -> assertThat(failure.code()).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED))
        .hasMessage(
            "model m@1: takes about 24 MB beside 24 MB of loaded versions (expected: at most 48 MB"
                + " together, by model_bytes)");
    assertThatCode(() -> new MemoryRoom(0, () -> 200 * MB).require(model, taken))
        .doesNotThrowAnyException();
    assertThatThrownBy(() -> new MemoryRoom(0, () -> 100 * MB).require(model, taken))
        .hasMessage(
            "model m@1: takes about 160 MB to try and load (expected: at most 100 MB, what is left"
                + " outside the heap; model_bytes sets another limit)");
  }

  @Test
  void thisMachineHasSome() {
    assertThat(MemoryRoom.available(Path.of("/"))).isGreaterThan(0);
  }
}
