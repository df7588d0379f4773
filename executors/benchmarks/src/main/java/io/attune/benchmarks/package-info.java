/// Benchmarks: figures of ours beside a rival's, taken in the same run on the same machine.
///
/// A [io.attune.benchmarks.Benchmark] has a name and gives
/// [results][io.attune.benchmarks.BenchResult]; [io.attune.benchmarks.Benchmarks] finds it by its
/// name. `attune bench NAME --json FILE` runs one and writes its results with
/// [io.attune.benchmarks.Benchmarks#write]. Each benchmark has a package of its own (`encode`,
/// `gateway`, `index`), and is written so that its figures can be trusted:
///
/// - the rival runs in the same run, first and last and between our rounds, so that drift of the
///   machine shows in the rival's figures; a ratio is of medians over the rounds;
/// - what is measured is what a user gets (a whole executor behind its port, not a method);
/// - the data come from a fixed seed, and are the same for both;
/// - its class comment holds the command.
///
/// The measures, with what each counts and its goal, are listed in `docs/benchmarks.md`. A
/// measure's name ends in its unit: `encode_documents_per_second`.
@NullMarked
package io.attune.benchmarks;

import org.jspecify.annotations.NullMarked;
