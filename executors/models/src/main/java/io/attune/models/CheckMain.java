package io.attune.models;

import io.attune.models.process.ProcessLimits;
import io.attune.onnx.InvalidModelException;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.error.Failures;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.function.Function;

/// The process that tries a model before any other does: it reads a [CheckRequest] from its working
/// folder, limits itself, embeds, and leaves a [CheckAnswer] there. It ends when the process that
/// started it does. See [ModelCheck] for the other side.
final class CheckMain {
  private CheckMain() {}

  public static void main(String[] arguments) throws IOException {
    endWithParent();
    Path folder = Path.of(arguments[0]);
    CheckRequest request = CheckRequest.read(folder);
    ProcessLimits.set(request.memoryBytes(), request.cpuSeconds());
    CheckAnswer answer;
    try {
      answer = answer(request);
    } catch (FlowException e) {
      answer = CheckAnswer.failed(e.code(), String.valueOf(e.getMessage()));
    }
    answer.write(folder);
    Runtime.getRuntime().halt(0);
  }

  private static void endWithParent() {
    Thread.ofPlatform()
        .daemon()
        .start(() -> {
          try {
            while (System.in.read() >= 0) {
              // the parent writes nothing; the end of its stream is the parent's end
            }
          } catch (IOException _) {
            // the same
          }
          Runtime.getRuntime().halt(1);
        });
  }

  /// Checks the graph beside the run: whichever fails, the file is refused, and why it fails the
  /// checks says more than how it ran.
  private static CheckAnswer answer(CheckRequest request) {
    FutureTask<Boolean> sound = new FutureTask<>(() -> isSound(request));
    Thread.ofPlatform().daemon().start(sound);
    CheckAnswer answer;
    try {
      answer = embedded(request);
    } catch (FlowException failed) {
      boolean _ = Failures.get(sound);
      throw failed;
    }
    boolean _ = Failures.get(sound);
    return answer;
  }

  private static boolean isSound(CheckRequest request) {
    Path graph = Path.of(request.model());
    try {
      if (request.graphInputs() != null) {
        ArtifactImport.requireGraph(graph, request.graphInputs());
      }
      return true;
    } catch (InvalidModelException e) {
      throw new FlowException(ErrorCode.INVALID_ARGUMENT, String.valueOf(e.getMessage()), e);
    } catch (IOException e) {
      throw new FlowException(
          ErrorCode.DATA_LOSS, graph + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private static CheckAnswer embedded(CheckRequest request) {
    if (request.tokenizer() == null) {
      try (OnnxSession session = session(request)) {
        return embedded(request, input -> tensor(session, input), _ -> List.of());
      }
    }
    try (TextTokenizer tokenizer =
            TextTokenizer.open(Path.of(request.tokenizer()), request.maxLength());
        OnnxSession session = session(request)) {
      return embedded(
          request,
          input -> session.embed(List.of(tokenizer.encode(text(input))))[0],
          inputs ->
              together(session, tokenizer.encode(inputs.stream().map(CheckMain::text).toList())));
    }
  }

  private static CheckAnswer embedded(
      CheckRequest request,
      Function<Golden.Case, float[]> alone,
      Function<List<Golden.Case>, List<float[]>> together) {
    List<Golden.Case> inputs = request.inputs();
    List<float[]> rows = new ArrayList<>();
    List<Long> first = CpuTime.of(inputs, input -> rows.add(alone.apply(input)));
    FutureTask<List<float[]>> pairs = new FutureTask<>(() -> together.apply(inputs));
    Thread.ofPlatform().daemon().start(pairs);
    List<float[]> again = new ArrayList<>();
    List<Long> costs =
        request.timed()
            ? CpuTime.least(first, CpuTime.of(inputs, input -> again.add(alone.apply(input))))
            : List.of();
    return new CheckAnswer(null, null, rows, Failures.get(pairs), costs);
  }

  private static OnnxSession session(CheckRequest request) {
    return OnnxSession.open(Path.of(request.model()), request.dimension(), SessionOptions.DEFAULT);
  }

  private static float[] tensor(OnnxSession session, Golden.Case input) {
    float[] tensor = input.tensor();
    long[] one = input.shape();
    if (tensor == null || one == null) {
      throw FlowException.invalid("golden.json: a case without a tensor (expected: a tensor)");
    }
    long[] shape = new long[one.length + 1];
    shape[0] = 1;
    System.arraycopy(one, 0, shape, 1, one.length);
    return session.run(tensor, shape);
  }

  private static String text(Golden.Case input) {
    if (input.text() == null) {
      throw FlowException.invalid("golden.json: a case without a text (expected: a text)");
    }
    return input.text();
  }

  /// Each text beside the one after it, the last beside the first.
  private static List<float[]> together(OnnxSession session, List<Tokens> texts) {
    List<float[]> embeddings = new ArrayList<>();
    for (int i = 0; i < texts.size(); i += 2) {
      boolean last = i + 1 == texts.size();
      float[][] pair = session.embed(List.of(texts.get(i), texts.get(last ? 0 : i + 1)));
      embeddings.add(pair[0]);
      if (!last) {
        embeddings.add(pair[1]);
      }
    }
    return embeddings;
  }
}
