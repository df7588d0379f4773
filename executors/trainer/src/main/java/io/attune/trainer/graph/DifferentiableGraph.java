package io.attune.trainer.graph;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import io.attune.models.Artifact;
import io.attune.onnx.ElementType;
import io.attune.onnx.OnnxModel;
import io.attune.onnx.Tensor;
import io.attune.onnx.ValueInfo;
import io.attune.runtime.FlowException;
import io.attune.trainer.array.EngineArrays;
import io.attune.trainer.graph.op.Operations;
import io.attune.trainer.graph.op.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// An ONNX graph that can be trained: forward with gradients, the parameters, and the weights back
/// into the same graph. [TorchEngine#start] comes first. Used by one thread at a time.
///
/// ```java
/// try (DifferentiableGraph graph = DifferentiableGraph.load(OnnxModel.read(file));
///     NDManager step = TorchEngine.newManager()) {
///   try (Gradients gradients = graph.gradients()) {
///     NDArray embeddings = graph.forward(inputs, true);
///     gradients.backward(loss.of(embeddings, supervision));
///   }
///   optimizer.step(1, 1); // made of the graph's parameters
///   graph.clearGradients();
/// }
/// ```
public final class DifferentiableGraph implements AutoCloseable {
  private final OnnxModel model;
  private final List<String> loadEdits;
  private final NDManager manager;
  private final Constants constants;
  private final Plan plan;
  private final String output;
  private final Map<String, Parameter> parameters = new LinkedHashMap<>();
  private final @Nullable Value[] resident;
  private int recording;
  private final KeptMemory memory = new KeptMemory(TorchEngine::residentPages, TorchEngine::trim);
  private boolean followsStatistics;

  private DifferentiableGraph(OnnxModel model, List<String> loadEdits, Operations operations) {
    this.model = model;
    this.loadEdits = loadEdits;
    output = output(model);
    constants = new Constants(model.graph());
    StepDrafts drafts = new StepDrafts(model, constants, output, operations);
    List<Step.Draft> steps = drafts.drafts();
    Set<String> known = new LinkedHashSet<>(constants.all().keySet());
    model.graph().inputs().forEach(input -> known.add(input.name()));
    plan = new Plan(steps, known, output);
    manager = TorchEngine.newManager();
    resident = new Value[plan.size()];
    List<ParameterNames.Found> learned =
        new ParameterNames(constants).in(model.graph(), drafts.nodes());
    LayerNumbers layers =
        LayerNumbers.of(learned.stream().map(ParameterNames.Found::publicName).toList());
    for (ParameterNames.Found found : learned) {
      Tensor tensor = constants.of(found.storedName()).orElseThrow();
      parameters.put(
          found.storedName(),
          new Parameter(
              found.publicName(),
              found.storedName(),
              layers.of(found.publicName()),
              array(tensor),
              found.role().running()));
    }
    Set<String> read = new LinkedHashSet<>();
    steps.forEach(step -> read.addAll(step.inputs()));
    for (Map.Entry<String, Tensor> constant : constants.all().entrySet()) {
      if (read.contains(constant.getKey()) && !parameters.containsKey(constant.getKey())) {
        resident[plan.slotOf(constant.getKey())] = value(constant.getValue());
      }
    }
  }

  /// A graph of a model whose operators are all supported.
  ///
  /// @throws FlowException (INVALID_ARGUMENT) naming the first node that cannot be trained through,
  ///   or that is quantised
  public static DifferentiableGraph load(OnnxModel model) {
    return load(model, Operations.standard());
  }

  /// The same with other operators.
  public static DifferentiableGraph load(OnnxModel model, Operations operations) {
    List<String> edits = new ArrayList<>();
    OnnxModel full = trainable(model, edits);
    return new DifferentiableGraph(full, List.copyOf(edits), operations);
  }

  /// The model in the form that is trained.
  ///
  /// @param edits takes what was changed
  private static OnnxModel trainable(OnnxModel model, List<String> edits) {
    FullPrecision precision = new FullPrecision();
    ServedForm served = new ServedForm();
    OwnStatistics own = new OwnStatistics();
    OnnxModel full = own.of(served.of(precision.of(model)));
    edits.addAll(precision.edits());
    edits.addAll(served.edits());
    edits.addAll(own.edits());
    return full;
  }

  /// The names of a model's parameters, for whoever wants to know them before anything is trained:
  /// no engine is started.
  ///
  /// @throws FlowException as [#load(OnnxModel)]
  public static List<String> parameterNames(OnnxModel model) {
    OnnxModel full = trainable(model, new ArrayList<>());
    Constants constants = new Constants(full.graph());
    StepDrafts drafts = new StepDrafts(full, constants, output(full), Operations.standard());
    var _ = drafts.drafts(); // refuses what is not supported
    return new ParameterNames(constants)
        .in(full.graph(), drafts.nodes()).stream().map(ParameterNames.Found::publicName).toList();
  }

  private static String output(OnnxModel model) {
    List<ValueInfo> outputs = model.graph().outputs();
    if (model.graph().output(Artifact.OUTPUT).isPresent()) {
      return Artifact.OUTPUT;
    }
    if (outputs.size() != 1) {
      throw FlowException.invalid(
          "outputs: %s (expected: one, or one named %s)".formatted(outputs, Artifact.OUTPUT));
    }
    return outputs.getFirst().name();
  }

  private Value value(Tensor tensor) {
    boolean whole =
        switch (tensor.type()) {
          case INT64, INT32, INT16, INT8, UINT8, UINT16, UINT32, UINT64, BOOL -> true;
          default -> false;
        };
    long[] dims = tensor.dims();
    if (whole && dims.length <= 1) {
      return new Value.Whole(dims.length == 1, tensor.toLongs());
    }
    if (whole) {
      NDArray array = EngineArrays.of(manager, tensor.toLongs(), new Shape(dims));
      return Value.of(
          tensor.type() == ElementType.BOOL ? array.toType(DataType.BOOLEAN, false) : array);
    }
    return Value.of(array(tensor));
  }

  private NDArray array(Tensor tensor) {
    return EngineArrays.of(manager, tensor.toFloats(), new Shape(tensor.dims()));
  }

  /// The inputs that a pass needs.
  public List<ValueInfo> inputs() {
    return model.graph().inputs();
  }

  /// The learned tensors in the order of their use.
  public List<Parameter> parameters() {
    return List.copyOf(parameters.values());
  }

  /// The weights of one of its parameters as they were loaded, in the file's layout.
  public float[] loaded(Parameter parameter) {
    return constants.of(parameter.storedName()).orElseThrow().toFloats();
  }

  /// Runs the graph.
  ///
  /// @param inputs the graph's inputs by name; they stay the caller's
  /// @param training whether dropout is active. Gradients are recorded in a scope of [#gradients()]
  ///   and only there, whatever this says
  /// @return the output, (batch, dimension), owned by the manager of the first input
  public NDArray forward(Map<String, NDArray> inputs, boolean training) {
    boolean before = JniUtils.isGradMode(); // on by default in each thread that the engine sees
    JniUtils.setGradMode(recording > 0);
    try {
      return run(inputs, training);
    } finally {
      JniUtils.setGradMode(before);
    }
  }

  private NDArray run(Map<String, NDArray> inputs, boolean training) {
    @Nullable Value[] slots = filled(inputs);
    NDManager owner = inputs.values().iterator().next().getManager();
    try (NDManager intermediates = owner.newSubManager()) {
      Pass pass = new Pass(intermediates, training, followsStatistics, slots);
      plan.steps().forEach(pass::run);
      return result(slots[plan.output()], intermediates, owner);
    }
  }

  /// The slots as they are before the first step.
  private @Nullable Value[] filled(Map<String, NDArray> inputs) {
    @Nullable Value[] slots = resident.clone();
    for (ValueInfo input : model.graph().inputs()) {
      NDArray array = inputs.get(input.name());
      if (array == null) {
        throw FlowException.invalid(
            "inputs: %s (expected: %s among them)".formatted(inputs.keySet(), input.name()));
      }
      slots[plan.slotOf(input.name())] = Value.of(array);
    }
    for (Parameter parameter : parameters.values()) {
      int slot = plan.slotOf(parameter.storedName());
      slots[slot] = Value.of(parameter.operand());
    }
    return slots;
  }

  /// Its modules with learned tensors, as people look at a model.
  public GraphSummary summary() {
    return new GraphLayers(plan, inputs(), this::shapes).of(parameters());
  }

  /// The dimensions of what each step gives first; none for what no other reads.
  private List<long[]> shapes(Map<String, NDArray> inputs) {
    boolean before = JniUtils.isGradMode();
    JniUtils.setGradMode(false);
    try {
      return shapes(inputs, filled(inputs));
    } finally {
      JniUtils.setGradMode(before);
    }
  }

  private List<long[]> shapes(Map<String, NDArray> inputs, @Nullable Value[] slots) {
    List<long[]> shapes = new ArrayList<>();
    NDManager owner = inputs.values().iterator().next().getManager();
    try (NDManager intermediates = owner.newSubManager()) {
      Pass pass = new Pass(intermediates, false, false, slots);
      for (Step step : plan.steps()) {
        pass.run(step);
        int slot = step.outputs()[0];
        shapes.add(slot < 0 ? new long[0] : dimensions(slots[slot]));
      }
    }
    return shapes;
  }

  private static long[] dimensions(@Nullable Value value) {
    return switch (value) {
      case null -> new long[0];
      case Value.Array(NDArray array) -> array.getShape().getShape();
      case Value.Whole whole -> whole.dims();
    };
  }

  @SuppressWarnings("ReferenceEquality") // whether it was made in this pass
  private NDArray result(@Nullable Value value, NDManager intermediates, NDManager owner) {
    if (!(value instanceof Value.Array(NDArray array))) {
      throw FlowException.invalid("output %s: %s (expected: an array)".formatted(output, value));
    }
    NDArray result = array.getManager() == intermediates ? array : array.duplicate();
    result.attach(owner);
    return result;
  }

  /// What was changed to make the graph trainable, one line each: float16 weights become float32,
  /// and what an export in training turned on is off where it is served.
  public List<String> edits() {
    return loadEdits;
  }

  /// Lets no gradient reach some parameters, and all others again as their role says.
  ///
  /// @param patterns names, names of modules (`encoder.layer.0`), or patterns with `*` and `?`
  /// @throws FlowException (INVALID_ARGUMENT) where one matches nothing, with the nearest name
  public void freeze(List<String> patterns) {
    Set<Parameter> frozen =
        NamePatterns.matching("freeze", patterns, parameters(), Parameter::name);
    for (Parameter parameter : parameters.values()) {
      parameter.setTrainable(!parameter.isRunningStatistic() && !frozen.contains(parameter));
    }
  }

  /// Whether training normalises by the statistics of each batch, and moves the running ones of
  /// batch normalisation. Without, which is the beginning, they stay as they are and are what
  /// training reads, too.
  public void followStatistics(boolean follows) {
    followsStatistics = follows;
  }

  /// The model with the weights of now: the graph it was loaded from, with the tensors replaced of
  /// which a bit has changed.
  public TunedModel tuned() {
    return new WriteBack(model, constants).of(parameters.values(), loadEdits);
  }

  /// Starts to record gradients on this thread.
  public Gradients gradients() {
    recording++;
    return new Gradients(() -> {
      recording--;
      memory.afterPass();
    });
  }

  /// Forgets the gradients of all parameters.
  public void clearGradients() {
    parameters.values().forEach(Parameter::clearGradient);
  }

  /// The kinds of operation that a pass runs, in order: operators, and fused patterns such as
  /// `Linear`.
  public List<String> steps() {
    return plan.steps().stream().map(Step::kind).toList();
  }

  @Override
  public void close() {
    clearGradients();
    manager.close();
  }
}
