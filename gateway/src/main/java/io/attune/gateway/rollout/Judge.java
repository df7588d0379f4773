package io.attune.gateway.rollout;

import io.attune.proto.attune.GateVerdict;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.ModelVersion;
import java.util.function.LongToIntFunction;

/// Says whether a version is better than the live one, on queries that nobody trains on.
public interface Judge {
  /// How many queries are compared at most: the newest.
  int MOST_QUERIES = 2_000;

  /// What is asked of it.
  ///
  /// @param attempts the how-manieth attempt it is, by the number of queries that are held out, of
  ///   which the newest are compared
  record Question(
      ModelVersion live, ModelVersion candidate, double margin, LongToIntFunction attempts) {}

  /// Makes sure that there is something to compare.
  ///
  /// @throws FlowException FAILED_PRECONDITION where there is not, or too little
  void require();

  /// Lets both versions answer, while both are there, and compares.
  ///
  /// @throws FlowException UNAVAILABLE where trying again may help
  GateVerdict judge(Question question) throws InterruptedException;

  /// For a Flow that has none.
  Judge NONE =
      new Judge() {
        @Override
        public void require() {
          throw new FlowException(
              ErrorCode.FAILED_PRECONDITION,
              "min_gain: this gateway compares nothing (expected: a Flow with Feedback and Evaluator)");
        }

        @Override
        public GateVerdict judge(Question question) {
          require();
          return GateVerdict.getDefaultInstance();
        }
      };
}
