package io.attune.trainer.run;

import io.attune.runtime.FlowException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/// Names for runs that were given none, as containers get them: `calm-otter`, and once those seem
/// used up `calm-otter-4170`.
final class RunNames {
  private static final String[] QUALITIES = {
    "agile", "amber", "brave", "bright", "brisk", "calm", "candid", "clever", "crisp", "deft",
    "eager", "early", "exact", "fair", "fluent", "gentle", "golden", "grand", "happy", "honest",
    "ideal", "jolly", "keen", "kind", "late", "lively", "lucid", "mellow", "merry", "modest",
    "neat", "nimble", "noble", "patient", "plain", "polite", "prime", "proud", "quick", "quiet",
    "rapid", "ready", "serene", "sharp", "silent", "steady", "sunny", "swift", "tidy", "vivid",
    "warm", "wise", "witty", "young"
  };
  private static final String[] THINGS = {
    "acorn", "badger", "beacon", "birch", "brook", "canyon", "cedar", "comet", "condor", "coral",
    "crane", "delta", "ember", "falcon", "fern", "finch", "fjord", "garnet", "glacier", "grove",
    "harbor", "hazel", "heron", "island", "jasper", "juniper", "lagoon", "lantern", "larch", "lynx",
    "maple", "marten", "meadow", "meteor", "nebula", "orchid", "osprey", "otter", "pebble", "pine",
    "plover", "quartz", "raven", "reef", "ridge", "river", "robin", "sparrow", "spruce", "summit",
    "tern", "thistle", "tundra", "valley", "walnut", "willow", "wren", "zephyr"
  };
  private static final int SHORT_TRIES = 20;

  /// What a name may be.
  static final String EXPECTED =
      "letters, digits, '.', '_', '-', at most 100, the first a letter or digit";

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");

  private final RandomGenerator random;
  private int tries;

  RunNames(RandomGenerator random) {
    this.random = random;
  }

  static RunNames random() {
    return new RunNames(ThreadLocalRandom.current());
  }

  /// Whether a run or an experiment can be called so.
  static boolean isName(String name) {
    return NAME.matcher(name).matches();
  }

  /// @param what the name is of, as messages call it
  static String require(String what, String name) {
    if (!isName(name)) {
      throw FlowException.invalid("%s: \"%s\" (expected: %s)".formatted(what, name, EXPECTED));
    }
    return name;
  }

  /// Another name.
  String next() {
    String name =
        QUALITIES[random.nextInt(QUALITIES.length)] + "-" + THINGS[random.nextInt(THINGS.length)];
    return tries++ < SHORT_TRIES ? name : name + "-" + random.nextInt(1000, 10_000);
  }
}
