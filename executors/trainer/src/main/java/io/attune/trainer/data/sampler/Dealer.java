package io.attune.trainer.data.sampler;

import io.attune.trainer.data.SplitMix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/// Deals units (a class's group, a session) into batches, so that no batch holds two units of one
/// hand, and all batches are nearly equally full. A hand is what must not meet in a batch.
///
/// Hands are dealt by falling number of units, each into the batches that are emptiest by then, its
/// largest unit into the emptiest; chance decides between batches equally full and between hands of
/// the same sizes. So how full the batches become does not depend on chance, and every epoch has
/// the same number of batches: the least for which none overflows. This is greedy list scheduling
/// (Graham, 1969): no two batches differ by more than the largest unit.
final class Dealer {
  /// Units that must not meet: their numbers, by falling size.
  ///
  /// @param units the units' numbers
  /// @param sizes their sizes; where they are fewer, each deal has so many of the units, chosen by
  ///   chance, none of which is larger than the size in its place
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Hand(int[] units, int[] sizes) {
    private static final Comparator<Hand> LARGEST_FIRST =
        Comparator.comparingInt((Hand hand) -> -hand.sizes.length)
            .thenComparing(hand -> hand.sizes, (a, b) -> Arrays.compare(b, a));

    /// A hand that shows no more than some of its units in a deal.
    Hand showing(int count) {
      return count >= units.length ? this : new Hand(units, Arrays.copyOf(sizes, count));
    }

    /// The units of a deal, by falling size.
    int[] shown(SplitMix random) {
      if (sizes.length == units.length) {
        return units;
      }
      int[] order = identity(units.length);
      random.shuffle(order, 0, order.length);
      return Arrays.stream(order, 0, sizes.length).sorted().map(i -> units[i]).toArray();
    }
  }

  private record Bin(int number, int load, long chance) implements Comparable<Bin> {
    @Override
    public int compareTo(Bin other) {
      int byLoad = Integer.compare(load, other.load);
      return byLoad != 0 ? byLoad : Long.compare(chance, other.chance);
    }
  }

  private final List<Hand> hands;
  private final int batches;

  private Dealer(List<Hand> hands, int batches) {
    this.hands = hands;
    this.batches = batches;
  }

  /// @param batchSize the most items in a batch; no unit is larger
  static Dealer of(List<Hand> given, int batchSize) {
    List<Hand> hands = capped(given);
    hands.sort(Hand.LARGEST_FIRST);
    int most = hands.stream().mapToInt(hand -> hand.sizes.length).max().orElse(0);
    int batches = Math.max(most, leastBatches(hands, batchSize));
    while (batches > 0 && fullest(hands, batches) > batchSize) {
      batches++;
    }
    return new Dealer(hands, batches);
  }

  /// A number of batches that no deal can do with less of: all items must find room, and of units
  /// larger than a (k+1)-th of a batch it holds k.
  private static int leastBatches(List<Hand> hands, int batchSize) {
    int[] units = new int[batchSize + 2]; // of this size or larger
    long items = 0;
    for (Hand hand : hands) {
      for (int size : hand.sizes) {
        units[size]++;
        items += size;
      }
    }
    for (int size = batchSize; size > 0; size--) {
      units[size] += units[size + 1];
    }
    int least = Math.toIntExact(Math.ceilDiv(items, (long) batchSize));
    for (int each = 1; each <= batchSize; each++) {
      least = Math.max(least, Math.ceilDiv(units[batchSize / (each + 1) + 1], each));
    }
    return least;
  }

  /// The largest hand shows as many units as all others have together: each of its units meets
  /// another.
  private static List<Hand> capped(List<Hand> hands) {
    int units = hands.stream().mapToInt(hand -> hand.units.length).sum();
    List<Hand> capped = new ArrayList<>(hands.size());
    for (Hand hand : hands) {
      int others = units - hand.units.length;
      capped.add(others == 0 ? hand : hand.showing(others));
    }
    return capped;
  }

  private static int fullest(List<Hand> hands, int batches) {
    int fullest = 0;
    PriorityQueue<Bin> bins = empty(batches);
    for (Hand hand : hands) {
      for (Bin bin : deal(hand, bins)) {
        fullest = Math.max(fullest, bin.load);
        bins.add(bin);
      }
    }
    return fullest;
  }

  private static PriorityQueue<Bin> empty(int batches) {
    PriorityQueue<Bin> bins = new PriorityQueue<>(Math.max(1, batches));
    for (int i = 0; i < batches; i++) {
      bins.add(new Bin(i, 0, i));
    }
    return bins;
  }

  /// Takes the emptiest bins, one for each unit of a hand, and adds the unit's size.
  private static List<Bin> deal(Hand hand, PriorityQueue<Bin> bins) {
    List<Bin> taken = new ArrayList<>(hand.sizes.length);
    for (int size : hand.sizes) {
      Bin bin = bins.remove();
      taken.add(new Bin(bin.number, bin.load + size, bin.chance));
    }
    return taken;
  }

  /// How many batches each deal makes.
  int batches() {
    return batches;
  }

  /// How many units a deal has.
  int units() {
    return hands.stream().mapToInt(hand -> hand.sizes.length).sum();
  }

  /// What people should know of what a deal leaves out.
  ///
  /// @param unit what a unit is: `sessions`
  List<String> notes(String unit) {
    int all = hands.stream().mapToInt(hand -> hand.units.length).sum();
    return units() == all
        ? List.of()
        : List.of(
            "each epoch has %,d of %,d %s, drawn anew: most of them are connected over texts that they share, and must not meet in a batch"
                .formatted(units(), all, unit));
  }

  /// Deals; the units of each batch, both in random order.
  int[][] deal(SplitMix random) {
    List<List<Integer>> dealt = new ArrayList<>(batches);
    PriorityQueue<Bin> bins = new PriorityQueue<>(Math.max(1, batches));
    for (int i = 0; i < batches; i++) {
      dealt.add(new ArrayList<>());
      bins.add(new Bin(i, 0, random.nextLong()));
    }
    for (Hand hand : inRandomOrder(random)) {
      int[] shown = hand.shown(random);
      List<Bin> taken = deal(hand, bins);
      for (int i = 0; i < taken.size(); i++) {
        Bin bin = taken.get(i);
        dealt.get(bin.number).add(shown[i]);
        bins.add(new Bin(bin.number, bin.load, random.nextLong()));
      }
    }
    int[] order = identity(batches);
    random.shuffle(order, 0, batches);
    int[][] result = new int[batches][];
    for (int i = 0; i < batches; i++) {
      int[] units = dealt.get(order[i]).stream().mapToInt(unit -> unit).toArray();
      random.shuffle(units, 0, units.length);
      result[i] = units;
    }
    return result;
  }

  /// The hands with those of the same sizes shuffled among each other.
  private List<Hand> inRandomOrder(SplitMix random) {
    int[] order = identity(hands.size());
    int from = 0;
    for (int i = 1; i <= order.length; i++) {
      if (i == order.length || !Arrays.equals(hands.get(i).sizes, hands.get(from).sizes)) {
        random.shuffle(order, from, i);
        from = i;
      }
    }
    return Arrays.stream(order).mapToObj(hands::get).toList();
  }

  private static int[] identity(int size) {
    int[] identity = new int[size];
    Arrays.setAll(identity, i -> i);
    return identity;
  }
}
