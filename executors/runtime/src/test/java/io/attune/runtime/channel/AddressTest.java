package io.attune.runtime.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.runtime.channel.Address.Scheme;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddressTest {
  @Test
  void readsReplicasWithCommas() {
    assertThat(Address.parseAll("")).isEmpty();
    assertThat(Address.parseAll("grpc://a:1, b:2"))
        .containsExactly(Address.parse("grpc://a:1"), Address.parse("b:2"));
    assertThatThrownBy(() -> Address.parseAll("a:1,")).hasMessageContaining("address: ");
  }

  @Test
  void readsEverySyntax() {
    assertThat(Address.parse("encoder:81")).isEqualTo(new Address(Scheme.GRPC, "encoder", 81));
    assertThat(Address.parse("grpc://10.0.0.1:8080/"))
        .isEqualTo(new Address(Scheme.GRPC, "10.0.0.1", 8080));
    assertThat(Address.parse("grpcs://a.b.svc:443")).hasToString("grpcs://a.b.svc:443");
    assertThat(Address.parse("grpc://[::1]:443")).isEqualTo(new Address(Scheme.GRPC, "::1", 443));
    assertThat(Address.parse("[::1]:443")).hasToString("grpc://[::1]:443");
    assertThat(Address.parse("inprocess://a/b")).hasToString("inprocess://a/b");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "host", "host:", ":81", "http://host:80", "a b:80", "host:123456", "::1:80"})
  void refusesAnythingElse(String text) {
    assertThatThrownBy(() -> Address.parse(text))
        .hasMessage(
            "address: %s (expected: host:port, grpc://host:port, grpcs://host:port or"
                    .formatted(text)
                + " inprocess://name)");
  }

  @Test
  void refusesPortsThatDoNotExist() {
    assertThatThrownBy(() -> Address.parse("a:0")).hasMessage("port: 0 (expected: 1..65535)");
    assertThatThrownBy(() -> Address.parse("a:65536"))
        .hasMessage("port: 65536 (expected: 1..65535)");
    assertThatThrownBy(() -> Address.parse("inprocess://"))
        .hasMessage("host: empty (expected: a name or an address)");
  }
}
