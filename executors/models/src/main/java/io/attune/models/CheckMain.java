package io.attune.models;

import io.attune.models.process.ProcessLimits;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;

/// The process that tries a model before any other does: it reads a [CheckRequest] from its working
/// folder, limits itself, embeds, and leaves a [CheckAnswer] there. It ends when the process that
/// started it does. See [ModelCheck] for the other side.
final class CheckMain {
  private CheckMain() {}

  public static void main(String[] arguments) throws IOException {
    endWithParent();
    Path folder = Path.of(arguments[0]);
    JsonMapper mapper = JsonMapper.shared();
    CheckRequest request =
        mapper.readValue(folder.resolve(CheckRequest.FILE).toFile(), CheckRequest.class);
    ProcessLimits.set(request.memoryBytes(), request.cpuSeconds());
    CheckAnswer answer;
    try {
      answer = answer(request);
    } catch (FlowException e) {
      answer = CheckAnswer.failed(e.code(), String.valueOf(e.getMessage()));
    }
    Path draft = folder.resolve("answer.draft");
    mapper.writeValue(draft.toFile(), answer);
    Files.move(draft, folder.resolve(CheckAnswer.FILE), StandardCopyOption.ATOMIC_MOVE);
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

  private static CheckAnswer answer(CheckRequest request) {
    if (request.tokenizer() == null) {
      try (OnnxSession session = session(request)) {
        return new CheckAnswer(null, null, tensors(session, request.inputs()), List.of());
      }
    }
    try (TextTokenizer tokenizer =
            TextTokenizer.open(Path.of(request.tokenizer()), request.maxLength());
        OnnxSession session = session(request)) {
      return texts(session, tokenizer, request.inputs());
    }
  }

  private static OnnxSession session(CheckRequest request) {
    return OnnxSession.open(Path.of(request.model()), request.dimension(), SessionOptions.DEFAULT);
  }

  private static List<float[]> tensors(OnnxSession session, List<Golden.Case> inputs) {
    List<float[]> embeddings = new ArrayList<>();
    for (Golden.Case input : inputs) {
      float[] tensor = input.tensor();
      long[] one = input.shape();
      if (tensor == null || one == null) {
        throw FlowException.invalid("golden.json: a case without a tensor (expected: a tensor)");
      }
      long[] shape = new long[one.length + 1];
      shape[0] = 1;
      System.arraycopy(one, 0, shape, 1, one.length);
      embeddings.add(session.run(tensor, shape));
    }
    return embeddings;
  }

  private static CheckAnswer texts(
      OnnxSession session, TextTokenizer tokenizer, List<Golden.Case> inputs) {
    List<Tokens> texts = new ArrayList<>();
    for (Golden.Case input : inputs) {
      if (input.text() == null) {
        throw FlowException.invalid("golden.json: a case without a text (expected: a text)");
      }
      texts.add(tokenizer.encode(input.text()));
    }
    List<float[]> alone = new ArrayList<>();
    for (Tokens text : texts) {
      alone.add(session.embed(List.of(text))[0]);
    }
    return new CheckAnswer(null, null, alone, together(session, texts));
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
