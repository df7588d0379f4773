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
  /// @param sizes their sizes
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Hand(int[] units, int[] sizes) {
    private static final Comparator<Hand> LARGEST_FIRST =
        Comparator.comparingInt((Hand hand) -> -hand.units.length)
            .thenComparing(hand -> hand.sizes, (a, b) -> Arrays.compare(b, a));

    /// A hand without its smallest units.
    Hand first(int count) {
      return count >= units.length
          ? this
          : new Hand(Arrays.copyOf(units, count), Arrays.copyOf(sizes, count));
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
    long total =
        hands.stream().mapToLong(hand -> Arrays.stream(hand.sizes).asLongStream().sum()).sum();
    int most = hands.stream().mapToInt(hand -> hand.units.length).max().orElse(0);
    int batches = Math.max(most, Math.toIntExact((total + batchSize - 1) / batchSize));
    while (batches > 0 && fullest(hands, batches) > batchSize) {
      batches++;
    }
    return new Dealer(hands, batches);
  }

  /// The largest hand is cut to as many units as all others have together: each of its units meets
  /// another.
  private static List<Hand> capped(List<Hand> hands) {
    int units = hands.stream().mapToInt(hand -> hand.units.length).sum();
    List<Hand> capped = new ArrayList<>(hands.size());
    for (Hand hand : hands) {
      int others = units - hand.units.length;
      capped.add(others == 0 ? hand : hand.first(others));
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

  /// How many units are dealt.
  int units() {
    return hands.stream().mapToInt(hand -> hand.units.length).sum();
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
      List<Bin> taken = deal(hand, bins);
      for (int i = 0; i < taken.size(); i++) {
        Bin bin = taken.get(i);
        dealt.get(bin.number).add(hand.units[i]);
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
