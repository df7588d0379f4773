package io.attune.encoder;

import io.attune.document.Document;
import io.attune.document.NdArray;
import io.attune.runtime.ModelVersion;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/// A model whose embedding of a text is (its version, its length, 1). The text "nan" gives NaN,
/// "wide" one dimension too many, "block" waits for the gate, "bad" cannot be read.
final class FakeModel implements EmbeddingModel {
  final List<Integer> batches = Collections.synchronizedList(new ArrayList<>());
  final List<String> shapes = Collections.synchronizedList(new ArrayList<>());
  final List<String> order = Collections.synchronizedList(new ArrayList<>());
  final List<Prompt> prompts = Collections.synchronizedList(new ArrayList<>());
  final CountDownLatch entered = new CountDownLatch(1);
  final CountDownLatch gate = new CountDownLatch(1);
  final AtomicInteger closed = new AtomicInteger();
  private final ModelVersion id;

  FakeModel(String name, int version) {
    this.id = new ModelVersion(name, version);
  }

  @Override
  public ModelVersion id() {
    return id;
  }

  @Override
  public String space() {
    return "space-" + id.version();
  }

  @Override
  public int dimension() {
    return 3;
  }

  @Override
  public Optional<Input> read(Document document, Prompt prompt) {
    if (document.text().equals("bad")) {
      throw new IllegalStateException("bad text");
    }
    if (document.text().isEmpty()) {
      return Optional.empty();
    }
    prompts.add(prompt);
    return Optional.of(new Input.Tensor(NdArray.of(document.text().chars().toArray())));
  }

  @Override
  public List<float[]> embed(List<Input> inputs) {
    if (closed.get() > 0) {
      throw new AssertionError("used after it was closed");
    }
    batches.add(inputs.size());
    shapes.add(inputs.stream().map(Input::shape).distinct().collect(Collectors.joining("+")));
    inputs.forEach(input -> order.add(text(input)));
    return inputs.stream().map(this::embed).toList();
  }

  private static String text(Input input) {
    int[] text = ((Input.Tensor) input).array().ints();
    return new String(text, 0, text.length);
  }

  private float[] embed(Input input) {
    int[] text = ((Input.Tensor) input).array().ints();
    if (Arrays.equals(text, "block".chars().toArray())) {
      entered.countDown();
      try {
        gate.await();
      } catch (InterruptedException interrupt) {
        throw new IllegalStateException(interrupt);
      }
    }
    float[] embedding = {id.version(), text.length, 1};
    if (Arrays.equals(text, "nan".chars().toArray())) {
      embedding[1] = Float.NaN;
    }
    return Arrays.equals(text, "wide".chars().toArray()) ? new float[4] : embedding;
  }

  @Override
  public void close() {
    closed.incrementAndGet();
  }
}
