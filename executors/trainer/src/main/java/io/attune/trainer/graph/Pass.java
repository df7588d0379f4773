package io.attune.trainer.graph;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.trainer.graph.op.Arguments;
import io.attune.trainer.graph.op.Value;
import java.util.IdentityHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One pass through a plan. Arrays are closed after their last use: what the backward pass needs of
/// them the engine keeps by itself, and the rest is free for the next operation while it is still
/// in the cache.
@SuppressWarnings("ReferenceEquality") // arrays are told apart by identity
final class Pass {
  private final NDManager manager;
  private final boolean training;
  private final boolean followsStatistics;
  private final @Nullable Value[] slots;

  /// How many slots hold each array that was made in this pass.
  private final IdentityHashMap<NDArray, Integer> holders = new IdentityHashMap<>();

  /// @param slots the resident values; changed
  Pass(NDManager manager, boolean training, boolean followsStatistics, @Nullable Value[] slots) {
    this.manager = manager;
    this.training = training;
    this.followsStatistics = followsStatistics;
    this.slots = slots;
  }

  /// Runs a step.
  void run(Step step) {
    @Nullable Value[] inputs = new Value[step.inputs().length];
    for (int i = 0; i < inputs.length; i++) {
      inputs[i] = step.inputs()[i] < 0 ? null : slots[step.inputs()[i]];
    }
    Arguments arguments = new Arguments(inputs, manager, training, followsStatistics);
    List<Value> outputs = apply(step, arguments);
    store(step, inputs, outputs);
    for (NDArray temporary : arguments.temporaries()) {
      if (!holders.containsKey(temporary) && !isAmong(inputs, temporary)) {
        temporary.close();
      }
    }
    for (int slot : step.lastUses()) {
      release(slot);
    }
  }

  private static List<Value> apply(Step step, Arguments arguments) {
    try {
      return step.operation().apply(arguments);
    } catch (FlowException e) {
      throw new FlowException(e.code(), within(step, e), e);
    } catch (EngineException | IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new FlowException(ErrorCode.INVALID_ARGUMENT, within(step, e), e);
    }
  }

  private static String within(Step step, RuntimeException e) {
    String message = String.valueOf(e.getMessage());
    return message.startsWith(step.label()) ? message : step.label() + ": " + message;
  }

  private void store(Step step, @Nullable Value[] inputs, List<Value> outputs) {
    for (int i = 0; i < step.outputs().length && i < outputs.size(); i++) {
      Value value = outputs.get(i);
      int slot = step.outputs()[i];
      if (value instanceof Value.Array(NDArray array)) {
        boolean made = !isAmong(inputs, array);
        if (slot < 0) {
          if (made && !holders.containsKey(array)) {
            array.close();
          }
          continue;
        }
        if (made && array.getManager() != manager) {
          array.attach(manager);
        }
        if (made || holders.containsKey(array)) {
          holders.merge(array, 1, Integer::sum);
        }
      }
      if (slot >= 0) {
        slots[slot] = value;
      }
    }
  }

  private static boolean isAmong(@Nullable Value[] inputs, NDArray array) {
    for (@Nullable Value input : inputs) {
      if (input instanceof Value.Array(NDArray one) && one == array) {
        return true;
      }
    }
    return false;
  }

  private void release(int slot) {
    if (slots[slot] instanceof Value.Array(NDArray array) && holders.containsKey(array)) {
      if (holders.merge(array, -1, Integer::sum) == 0) {
        holders.remove(array);
        array.close();
      }
    }
    slots[slot] = null;
  }
}
