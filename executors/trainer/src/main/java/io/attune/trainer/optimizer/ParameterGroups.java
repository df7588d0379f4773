package io.attune.trainer.optimizer;

import io.attune.runtime.FlowException;
import io.attune.trainer.graph.NamePatterns;
import io.attune.trainer.option.Option;
import io.attune.trainer.option.OptionType;
import io.attune.trainer.option.Options;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// Divides weights into groups by name and shape.
///
/// - Weight decay leaves out, unless `no_decay` names others, what has at most one dimension:
///   biases and the scales of normalisations.
/// - Layer-wise decay (arXiv:1801.06146; the form of ELECTRA's): with `L` layers, layer `i` has the
///   rate `decay^(L−i)`, embeddings `decay^(L+1)`, and what is outside of layers the full rate.
final class ParameterGroups {
  static final String WEIGHT_DECAY = "weight_decay";
  private static final String NO_DECAY = "no_decay";
  private static final String LAYER_DECAY = "layer_wise_lr_decay";
  private static final Pattern EMBEDDING = Pattern.compile("(?i)embed");

  private ParameterGroups() {}

  static List<Option> options(double weightDecay) {
    return List.of(
        Option.atLeast(WEIGHT_DECAY, weightDecay, 0, "how fast weights shrink"),
        new Option(
            NO_DECAY,
            new OptionType.Texts(),
            null,
            "names of weights or modules without decay, * for any letters; by default biases and"
                + " normalisation scales"),
        new Option(
            LAYER_DECAY,
            new OptionType.Real(Double.MIN_NORMAL, 1),
            1.0,
            "factor of the learning rate from each layer to the one below it"));
  }

  /// The groups, in the order of their first weight.
  ///
  /// @throws FlowException where a pattern matches nothing, or there are no layers to decay over
  static List<ParameterGroup> of(List<Trainable> parameters, Options options) {
    double decay = options.real(LAYER_DECAY);
    int layers = parameters.stream().mapToInt(each -> each.layer().orElse(-1)).max().orElse(-1) + 1;
    if (decay != 1 && layers == 0) {
      throw FlowException.invalid(
          "%s: %s (expected: 1, as no weight's name has a layer number)"
              .formatted(LAYER_DECAY, decay));
    }
    Optional<Set<Trainable>> named =
        options
            .texts(NO_DECAY)
            .map(each -> NamePatterns.matching(NO_DECAY, each, parameters, Trainable::name));
    record Key(double scale, double decay) {}
    Map<Key, List<Trainable>> groups = new LinkedHashMap<>();
    for (Trainable each : parameters) {
      boolean plain = named.map(chosen -> chosen.contains(each)).orElse(isBiasOrScale(each));
      double scale = StrictMath.pow(decay, depth(each, layers));
      Key key = new Key(scale, plain ? 0 : options.real(WEIGHT_DECAY));
      groups.computeIfAbsent(key, _ -> new ArrayList<>()).add(each);
    }
    List<ParameterGroup> result = new ArrayList<>();
    groups.forEach((key, arrays) -> result.add(new ParameterGroup(arrays, key.scale, key.decay)));
    return result;
  }

  private static boolean isBiasOrScale(Trainable parameter) {
    String last = parameter.name().substring(parameter.name().lastIndexOf('.') + 1);
    return parameter.weights().getShape().dimension() <= 1 || last.startsWith("bias");
  }

  private static int depth(Trainable parameter, int layers) {
    if (parameter.layer().isPresent()) {
      return layers - parameter.layer().getAsInt();
    }
    return EMBEDDING.matcher(parameter.name()).find() ? layers + 1 : 0;
  }
}
