package io.attune.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class RunProcessTest {
  @TempDir private Path root;

  /// Does what the model's name says.
  static final class Fake {
    private static final List<Object> HOARD = new ArrayList<>();

    public static void main(String[] arguments) {
      RunMain.run(arguments, Fake::train);
    }

    private static void train(RunConfig config, RunFolder folder, ProgressListener listener) {
      long first =
          folder.checkpoints().latest(config, folder::log).map(Checkpoint::step).orElse(0L);
      listener.on(new ProgressEvent.FitBegin(first, 1, 3));
      for (long step = first + 1; step <= 3; step++) {
        listener.on(new ProgressEvent.Step(step, 1, 1.0 / step, 1e-5, 10, 3 - step));
        save(config, folder, step);
        if (step == 2 && folder.state().attempts() == 1) {
          act(config.model(), listener);
        }
      }
      listener.on(new ProgressEvent.FitEnd(3, 0.5, "epochs"));
      folder.artifact(new RunArtifact("mini@2", "store"));
    }

    private static void save(RunConfig config, RunFolder folder, long step) {
      folder
          .checkpoints()
          .save(new Checkpoint(0, step, config.hash(), Map.of(), Map.of(), List.of()), 1);
    }

    private static void act(String what, ProgressListener listener) {
      switch (what) {
        case "throw" -> throw new IllegalStateException("the loss is a number no more\nat step 2");
        case "exit" -> System.exit(0);
        case "heap" -> exhaustHeap();
        case "native" -> exhaustNative();
        case "abort" -> crash();
        case "polite" -> {
          for (long step = 3; ; step++) {
            listener.on(new ProgressEvent.Step(step, 1, 0, 1e-5, 10, -1));
          }
        }
        case "deaf" -> await();
        default -> {}
      }
    }

    private static void exhaustHeap() {
      while (true) {
        HOARD.add(new long[1 << 20]);
      }
    }

    private static void exhaustNative() {
      while (true) {
        HOARD.add(Arena.global().allocate(64 << 20));
      }
    }

    @SuppressWarnings("restricted") // the point
    private static void crash() {
      MemorySegment.NULL.reinterpret(8).get(ValueLayout.JAVA_INT, 0);
    }

    private static void await() {
      try {
        new CountDownLatch(1).await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /// Starts a run and dies at once, leaving it alone.
  static final class Starter {
    public static void main(String[] arguments) {
      RunProcess.start(RunFolder.at(Path.of(arguments[0])), Fake.class);
      Runtime.getRuntime().halt(0);
    }
  }

  private RunFolder run(String model) {
    return RunStore.at(root)
        .create(
            RunConfig.of(
                Map.of("model", model, "train_data", "a", "heap_mb", 64, "memory_mb", 512)));
  }

  private RunState train(RunFolder run) throws InterruptedException {
    return RunProcess.start(run, Fake.class).await(ProgressListener.NONE);
  }

  private static List<Long> steps(RunFolder run) {
    return run.events().stream()
        .filter(ProgressEvent.Step.class::isInstance)
        .map(ProgressEvent::step)
        .toList();
  }

  @Test
  void trainsInAnotherProcessAndTellsEveryEvent() throws InterruptedException {
    RunFolder run = run("fine");
    List<ProgressEvent> told = new ArrayList<>();
    RunProcess process = RunProcess.start(run, Fake.class);
    RunState end = process.await(told::add);
    assertThat(end.status()).isEqualTo(RunStatus.FINISHED);
    assertThat(Objects.requireNonNull(end.process()).pid())
        .isEqualTo(process.pid())
        .isNotEqualTo(ProcessHandle.current().pid());
    assertThat(told).hasSize(5).isEqualTo(run.events());
    assertThat(run.artifact()).isPresent();
    assertThat(run.logs().getLast()).endsWith("finished");
    assertThatThrownBy(() -> RunProcess.start(run, Fake.class))
        .hasMessageContaining("is FINISHED (expected: a run that is neither trained nor finished)");
  }

  @Test
  void anExceptionFailsTheRunWithItsMessageAndResumeGoesOn() throws InterruptedException {
    RunFolder run = run("throw");
    RunState end = train(run);
    assertThat(end.status()).isEqualTo(RunStatus.FAILED);
    assertThat(end.details()).isEqualTo("IllegalStateException: the loss is a number no more");
    assertThat(String.join("\n", run.logs())).contains("RunProcessTest$Fake.act");
    assertThat(steps(run)).containsExactly(1L, 2L);
    assertThat(train(run).status()).isEqualTo(RunStatus.FINISHED);
    assertThat(steps(run)).containsExactly(1L, 2L, 3L);
  }

  @Test
  void anExitIsNoEnd() throws InterruptedException {
    RunState end = train(run("exit"));
    assertThat(end.status()).isEqualTo(RunStatus.FAILED);
    assertThat(end.details()).startsWith("its process ended without a word");
  }

  @Test
  void anExhaustedHeapFailsTheRun() throws InterruptedException {
    RunState end = train(run("heap"));
    assertThat(end.status()).isEqualTo(RunStatus.FAILED);
    assertThat(end.details())
        .startsWith("its process ran out of heap (heap_mb: 64; expected: more, or a smaller batch");
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void memoryPastTheHeapIsLimitedToo() throws InterruptedException {
    RunFolder run = run("native");
    RunState end = train(run);
    assertThat(end.status()).isEqualTo(RunStatus.FAILED);
    assertThat(end.details()).containsIgnoringCase("memory");
  }

  @Test
  void aNativeCrashFailsTheRun() throws InterruptedException {
    RunState end = train(run("abort"));
    assertThat(end.status()).isEqualTo(RunStatus.FAILED);
    assertThat(end.details())
        .startsWith("its process crashed with signal 6, SIGABRT; it said: SIGSEGV")
        .endsWith("attune runs resume goes on from its checkpoint");
  }

  @Test
  void aPoliteRunStopsAfterItsStep() throws InterruptedException {
    RunFolder run = run("polite");
    RunProcess process = RunProcess.start(run, Fake.class);
    RunState end =
        process.await(event -> {
          if (event.step() == 5) {
            run.requestCancel();
          }
        });
    assertThat(end.status()).isEqualTo(RunStatus.CANCELLED);
    assertThat(end.details()).startsWith("after step ");
  }

  @Test
  void aDeafRunIsKilledAfterTheGrace() throws Exception {
    RunFolder run = run("deaf");
    RunProcess process = RunProcess.start(run, Fake.class);
    CountDownLatch deaf = new CountDownLatch(1);
    Thread.ofVirtual()
        .start(() -> {
          try {
            process.await(event -> {
              if (event.step() == 2) {
                deaf.countDown();
              }
            });
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
    deaf.await();
    assertThatThrownBy(() -> RunProcess.start(run, Fake.class)).hasMessageContaining("is STARTED");
    if (Files.isReadable(Path.of("/proc/self/stat"))) { // Ctrl-C goes to the starter's group
      String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
      assertThat(stat.substring(stat.lastIndexOf(')')).split(" ", -1)[4])
          .as("its session")
          .isEqualTo(String.valueOf(process.pid()));
    }
    RunState end = RunProcess.cancel(run, Duration.ofMillis(100));
    assertThat(end.status()).isEqualTo(RunStatus.CANCELLED);
    assertThat(run.state().isRunning()).isFalse();
    assertThatThrownBy(() -> RunProcess.cancel(run, Duration.ZERO))
        .hasMessageContaining("is CANCELLED already");
  }

  @Test
  void aRunOutlivesItsStarterAndIsFoundAgain() throws Exception {
    RunFolder run = run("polite");
    Process starter =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules=jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Starter.class.getName(),
                run.path().toString())
            .redirectErrorStream(true)
            .redirectOutput(root.resolve("starter.txt").toFile())
            .start();
    assertThat(starter.waitFor()).as(() -> read(root.resolve("starter.txt"))).isZero();
    RunFolder found = RunStore.at(root).resolve(run.name());
    RunState end =
        found
            .follow()
            .events(event -> {
              if (event.step() == 20) {
                found.requestCancel();
              }
            });
    assertThat(end.status()).isEqualTo(RunStatus.CANCELLED);
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }
}
