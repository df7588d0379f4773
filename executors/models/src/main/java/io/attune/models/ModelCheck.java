package io.attune.models;

import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/// Tries a model in a process of its own, with limits on time and memory: a file that crashes ONNX
/// Runtime or the tokeniser, never ends, or takes all memory, costs that process and gives an error
/// here.
public final class ModelCheck {
  /// The least cosine between a text's embedding alone and in a batch. Graphs whose quantisation
  /// looks at the whole batch stay above; those that read padding do not.
  static final double LEAST_BATCH_COSINE = 0.99;

  /// What the names of its temporary folders begin with.
  static final String SCRATCH = "attune-check-" + ProcessHandle.current().pid() + "-";

  /// The least distance between two embeddings, as a part of their length, for them to be apart.
  private static final double LEAST_DISTANCE = 0.01;

  private static final long MAX_ANSWER_BYTES = 256L << 20;

  private final CheckLimits limits;
  private final Class<?> main;

  public ModelCheck(CheckLimits limits) {
    this(limits, CheckMain.class);
  }

  ModelCheck(CheckLimits limits, Class<?> main) {
    this.limits = limits;
    this.main = main;
  }

  /// Recomputes the hash of every file of a model, and the embeddings of its goldens.
  ///
  /// @throws FlowException (DATA_LOSS) where a file is not as it was published or an embedding is
  ///   another; (INVALID_ARGUMENT) where the model does not run
  public Verification verify(StoredModel model) {
    model.requireIntact();
    return agree(model.folder(), model.artifact());
  }

  /// Tries a model as one that is about to serve: its graph is checked, and its goldens are
  /// computed and timed, all in the other process. The hashes of its files are not looked at.
  ///
  /// @throws FlowException where it does not run, or not as its artifact says; or where its
  ///   embeddings are all alike
  public Trial trial(StoredModel model) {
    Artifact artifact = model.artifact();
    Golden golden = Golden.read(model.golden());
    golden.requireFor(artifact);
    boolean text = artifact.preprocess() == Preprocess.TEXT;
    Path tokenizer = text ? model.tokenizer() : null;
    CheckAnswer answer =
        run(
            model.model(),
            memory ->
                new CheckRequest(
                    model.model().toString(),
                    tokenizer == null ? null : tokenizer.toString(),
                    artifact.dimension(),
                    artifact.maxLength(),
                    golden.cases(),
                    artifact.inputs(),
                    true,
                    memory,
                    cpuSeconds()));
    double least = golden.leastCosine(answer.alone());
    if (!(least >= Golden.LEAST_COSINE)) {
      throw differs(Artifact.MODEL, least, ">= " + Golden.LEAST_COSINE);
    }
    requireApart(golden, answer.alone());
    return new Trial(golden, least, answer.cpuNanos());
  }

  /// Refuses a model that has collapsed: one vector for everything.
  private static void requireApart(Golden golden, List<float[]> rows) {
    List<float[]> different = new ArrayList<>();
    Set<Object> seen = new HashSet<>();
    for (int i = 0; i < rows.size(); i++) {
      if (seen.add(golden.cases().get(i).input())) {
        different.add(rows.get(i));
      }
    }
    double widest = 0;
    for (float[] row : different) {
      widest = Math.max(widest, Golden.distance(different.getFirst(), row));
    }
    if (different.size() > 1 && !(widest > LEAST_DISTANCE)) {
      throw FlowException.invalid(
          "%s: the embeddings of %d different inputs are all alike (expected: some apart)"
              .formatted(Artifact.MODEL, different.size()));
    }
  }

  /// Recomputes the goldens of an artifact whose files were hashed already.
  Verification agree(Path folder, Artifact artifact) {
    Golden golden = Golden.read(folder.resolve(Artifact.GOLDEN));
    golden.requireFor(artifact);
    List<float[]> master = embed(folder, Artifact.MODEL, artifact, golden.cases());
    double least = golden.leastCosine(master);
    if (least < Golden.LEAST_COSINE) {
      throw differs(Artifact.MODEL, least, ">= " + Golden.LEAST_COSINE);
    }
    for (Variant variant : artifact.variants()) {
      List<float[]> rows = embed(folder, variant.file(), artifact, golden.cases());
      double agreement = golden.leastCosine(rows);
      boolean same = agreement >= Variant.SAME_SPACE;
      if (Math.abs(agreement - variant.agreement()) > Variant.TOLERANCE
          || same != variant.agreement() >= Variant.SAME_SPACE) {
        throw differs(variant.file(), agreement, "agreement " + variant.agreement());
      }
    }
    int runs = (1 + artifact.variants().size()) * golden.cases().size();
    return new Verification(artifact.files().size(), runs, least);
  }

  private static FlowException differs(String file, double cosine, String expected) {
    return new FlowException(
        ErrorCode.DATA_LOSS,
        "%s: cosine %.6f to the goldens (expected: %s)".formatted(file, cosine, expected));
  }

  private List<float[]> embed(
      Path folder, String model, Artifact artifact, List<Golden.Case> inputs) {
    boolean text = artifact.preprocess() == Preprocess.TEXT;
    return embed(
        folder.resolve(model),
        text ? folder.resolve(Artifact.TOKENIZER) : null,
        artifact.dimension(),
        artifact.maxLength(),
        inputs);
  }

  /// The embeddings of inputs, each alone, computed in another process.
  ///
  /// @throws FlowException where the model crashes, hangs, takes too much memory, gives no finite
  ///   numbers, or gives a text another embedding in a batch than alone
  List<float[]> embed(
      Path model,
      @Nullable Path tokenizer,
      int dimension,
      int maxLength,
      List<Golden.Case> inputs) {
    return run(
            model,
            memory ->
                new CheckRequest(
                    model.toString(),
                    tokenizer == null ? null : tokenizer.toString(),
                    dimension,
                    maxLength,
                    inputs,
                    null,
                    false,
                    memory,
                    cpuSeconds()))
        .alone();
  }

  private long cpuSeconds() {
    return 2 * limits.timeout().toSeconds() + 1;
  }

  /// @param asked the request, given the memory that the process may use
  /// @return an answer with an embedding for each input
  private CheckAnswer run(Path model, LongFunction<CheckRequest> asked) {
    String name = String.valueOf(model.getFileName());
    try {
      long bytes = Files.size(model);
      CheckRequest request = asked.apply(limits.memoryFor(bytes));
      long heap = request.graphInputs() == null ? 0 : 2 * bytes + (256L << 20);
      Path folder = Files.createTempDirectory(SCRATCH);
      try {
        request.write(folder);
        new ChildProcess(main, folder, Math.max(heap, ChildProcess.HEAP_BYTES))
            .run(limits.timeout(), name);
        return checked(name, read(name, folder.resolve(CheckAnswer.FILE)), request);
      } finally {
        Durable.deleteTree(folder);
      }
    } catch (IOException e) {
      throw new FlowException(
          ErrorCode.INTERNAL, name + ": cannot be tried in a process: " + e.getMessage(), e);
    }
  }

  private static CheckAnswer read(String name, Path file) throws IOException {
    if (!Files.exists(file) || Files.size(file) > MAX_ANSWER_BYTES) {
      throw FlowException.invalid(
          name + ": the process that tried it left no answer (expected: embeddings)");
    }
    try {
      return CheckAnswer.read(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new FlowException(
          ErrorCode.INVALID_ARGUMENT, name + ": the process that tried it left no embeddings", e);
    }
  }

  private static CheckAnswer checked(String name, CheckAnswer answer, CheckRequest request) {
    if (answer.code() != null) {
      throw new FlowException(answer.code(), name + ": " + answer.message());
    }
    List<float[]> alone = answer.alone();
    List<float[]> together = answer.together();
    int texts = request.tokenizer() == null ? 0 : request.inputs().size();
    if (alone.size() != request.inputs().size() || together.size() != texts) {
      throw FlowException.invalid(
          "%s: %d embeddings (expected: %d)"
              .formatted(name, alone.size(), request.inputs().size()));
    }
    for (int i = 0; i < alone.size(); i++) {
      String what = request.inputs().get(i).describe();
      Golden.requireFinite(alone.get(i), what);
      double cosine = i < texts ? Golden.agreement(alone.get(i), together.get(i)) : 1;
      if (alone.get(i).length != request.dimension() || !(cosine >= LEAST_BATCH_COSINE)) {
        throw FlowException.invalid(
            "%s: %s has cosine %.4f between its embedding alone and beside a longer or shorter text"
                    .formatted(name, what, cosine)
                + " (expected: a graph that takes any batch and heeds attention_mask)");
      }
    }
    if (request.timed() && answer.cpuNanos().size() != alone.size()) {
      throw FlowException.invalid(
          "%s: %d times (expected: %d)".formatted(name, answer.cpuNanos().size(), alone.size()));
    }
    return answer;
  }
}
