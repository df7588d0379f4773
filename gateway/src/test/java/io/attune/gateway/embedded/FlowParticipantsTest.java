package io.attune.gateway.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.flows.FlowPlan;
import io.attune.flows.Flows;
import io.attune.runtime.channel.Address;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FlowParticipantsTest {
  private static final String YAML =
      """
      jtype: Flow
      executors:
        - {name: encoder, uses: Encoder, external: true, host: ["grpc://one:1", "grpc://two:2"]}
        - {name: indexer, uses: Indexer, external: true, host: three, port: 3}
      """;

  @TempDir private Path folder;

  @Test
  void shardsReachEveryReplicaOfAnEncoder() {
    FlowPlan plan = Flows.with(Map.of()).text("flow.yml", YAML, folder);

    FlowParticipants elsewhere = new FlowParticipants(plan, _ -> null);
    assertThat(Address.parseAll(elsewhere.where("encoder")))
        .containsExactly(Address.parse("grpc://one:1"), Address.parse("grpc://two:2"));
    assertThat(elsewhere.where("other")).isEmpty();
    assertThat(elsewhere.expected()).isEqualTo(Map.of("encoder", 2, "indexer", 1));

    FlowParticipants here =
        new FlowParticipants(plan, name -> new Address(Address.Scheme.INPROCESS, name, 0));
    assertThat(here.where("encoder")).isEqualTo("inprocess://encoder");
    assertThat(here.expected()).isEmpty();
  }
}
