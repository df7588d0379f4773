package io.attune.flows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.flows.ExecutorPlan.External;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressesTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "port: 1                                  | [grpc://127.0.0.1:1]",
        "host: h, port: 1                         | [grpc://h:1]",
        "host: h, port: 1, tls: true              | [grpcs://h:1]",
        "host: 'grpcs://h:443'                    | [grpcs://h:443]",
        "host: 'grpc://h:1/'                      | [grpc://h:1]",
        "host: '[::1]', port: 1                   | [grpc://[::1]:1]",
        "host: [a, b], port: 1                    | [grpc://a:1, grpc://b:1]",
        "host: h, port: [1, 2]                    | [grpc://h:1, grpc://h:2]",
        "host: [a, b], port: [1, 2]               | [grpc://a:1, grpc://b:2]",
        "host: ['a:1', 'grpcs://b:2']             | [grpc://a:1, grpcs://b:2]",
      })
  void readsAddresses(String keys, String addresses) {
    External external = Objects.requireNonNull(executor("external: true, " + keys).external());

    assertThat(external.addresses()).hasToString(addresses);
  }

  @Test
  void sendsMetadataAndTriesEveryReplica() {
    ExecutorPlan executor =
        executor("external: true, host: [a, b, c, d], port: 1, grpc_metadata: {key: value}");

    assertThat(Objects.requireNonNull(executor.external()).metadata())
        .isEqualTo(Map.of("key", "value"));
    assertThat(executor.retries()).isEqualTo(4);
    assertThat(executor.passThrough()).isFalse();
    assertThat(executor("name: b").retries()).isEqualTo(3);
    assertThat(executor("name: b").passThrough()).isTrue();
    assertThat(executor("retries: 0").retries()).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "external: true                           | f.yml:2: port: not given (expected: 1..65535, with external: true)",
        "external: true, port: 0                  | f.yml:2: port: not given",
        "external: true, port: 65536              | f.yml:2: executors[0].port: 65536 (expected: a whole number, 0..65535)",
        "external: true, host: 'h:99999'          | f.yml:2: port: 99999 (expected: 1..65535",
        "external: true, host: 'h:1', port: 2     | f.yml:2: port: in host and in port (expected: one of the two)",
        "external: true, host: 'http://h:1'       | f.yml:2: host: http:// (expected: grpc:// or grpcs://)",
        "external: true, host: 'h/../x', port: 1  | f.yml:2: host: \"h/../x\" (expected: a host",
        "external: true, host: [a, b], port: [1, 2, 3] | f.yml:2: port: 3 for 2 hosts (expected: as many",
        "port: [1, 2]                             | f.yml:2: port: several (expected: one host and one port",
        "tls: true                                | f.yml:2: tls: true (expected: external: true",
      })
  void refusesWhatIsNoAddress(String keys, String message) {
    assertThatThrownBy(() -> executor(keys))
        .isInstanceOf(FlowProblemsException.class)
        .hasMessageStartingWith(message);
  }

  @Test
  void recordsRefuseWhatIsNoAddress() {
    assertThatThrownBy(() -> new Address("h", 0, false)).hasMessage("port: 0 (expected: 1..65535)");
    assertThatThrownBy(() -> new Address("grpc://h", 1, false)).hasMessageStartingWith("host: ");
    assertThatThrownBy(() -> new External(java.util.List.of(), Map.of()))
        .hasMessageStartingWith("addresses: none");
  }

  private static ExecutorPlan executor(String keys) {
    return Flows.with(Map.of(), Map.of())
        .text("f.yml", "jtype: Flow\nexecutors: [{" + keys + "}]\n", Path.of("."))
        .executors()
        .getFirst();
  }
}
