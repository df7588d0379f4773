package io.attune.trainer.data;

import java.util.Arrays;

/// Numbers for distinct keys of 128 bits, counted from 0 in the order first seen: about 32 bytes
/// for each, however long the text is that the key is the hash of. Linear probing, at most half
/// full.
final class HashIndex {
  private int[] slots = new int[128];
  private long[] high = new long[64];
  private long[] low = new long[64];
  private int size;

  /// The number of a key, which is new if it equals the size before.
  int add(long keyHigh, long keyLow) {
    int slot = slot(keyHigh, keyLow);
    if (slots[slot] != 0) {
      return slots[slot] - 1;
    }
    if (size == high.length) {
      high = Arrays.copyOf(high, Math.multiplyExact(size, 2));
      low = Arrays.copyOf(low, high.length);
      rehash();
      slot = slot(keyHigh, keyLow);
    }
    high[size] = keyHigh;
    low[size] = keyLow;
    slots[slot] = ++size;
    return size - 1;
  }

  int add(Fingerprint key) {
    return add(key.high(), key.low());
  }

  /// Whether a key is there.
  boolean contains(long keyHigh, long keyLow) {
    return slots[slot(keyHigh, keyLow)] != 0;
  }

  long high(int number) {
    return high[number];
  }

  long low(int number) {
    return low[number];
  }

  int size() {
    return size;
  }

  private int slot(long keyHigh, long keyLow) {
    int mask = slots.length - 1;
    long mixed = (keyHigh ^ Long.rotateLeft(keyLow, 32)) * 0x9E3779B97F4A7C15L;
    int slot = (int) (mixed >>> 32) & mask;
    while (slots[slot] != 0
        && (high[slots[slot] - 1] != keyHigh || low[slots[slot] - 1] != keyLow)) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private void rehash() {
    slots = new int[Math.multiplyExact(high.length, 2)];
    for (int i = 0; i < size; i++) {
      slots[slot(high[i], low[i])] = i + 1;
    }
  }
}
