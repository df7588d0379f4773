package io.attune.runtime.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.document.json.StructJson;
import io.attune.proto.attune.ListRunsRequest;
import io.attune.proto.attune.ListRunsResponse;
import io.attune.proto.attune.RunsGrpc;
import io.attune.runtime.Parameters;
import io.attune.runtime.channel.Address;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class AdminServerTest {
  private static final String TOKEN = "0123456789abcdef";

  private static final RunsGrpc.RunsImplBase SERVICE =
      new RunsGrpc.RunsImplBase() {
        @Override
        public void list(ListRunsRequest request, StreamObserver<ListRunsResponse> caller) {
          caller.onNext(ListRunsResponse.getDefaultInstance());
          caller.onCompleted();
        }
      };

  private static Status.Code call(@Nullable String token, String... authorization) {
    AdminOptions options = new AdminOptions(AdminOptions.LOOPBACK, 0, token);
    try (AdminServer server = AdminServer.start(options, List.of(SERVICE))) {
      ManagedChannel channel =
          ManagedChannelBuilder.forAddress("127.0.0.1", server.port()).usePlaintext().build();
      try {
        Metadata metadata = new Metadata();
        for (String each : authorization) {
          metadata.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), each);
        }
        ListRunsResponse _ =
            RunsGrpc.newBlockingStub(channel)
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(metadata))
                .list(ListRunsRequest.getDefaultInstance());
        return Status.Code.OK;
      } catch (StatusRuntimeException e) {
        return e.getStatus().getCode();
      } finally {
        channel.shutdownNow();
      }
    }
  }

  @Test
  void loopbackNeedsNoToken() {
    assertThat(call(null)).isEqualTo(Status.Code.OK);
  }

  @Test
  void aTokenIsNeededWhereThereIsOne() {
    assertThat(call(TOKEN)).isEqualTo(Status.Code.UNAUTHENTICATED);
    assertThat(call(TOKEN, TOKEN)).isEqualTo(Status.Code.UNAUTHENTICATED);
    assertThat(call(TOKEN, "Bearer " + TOKEN + "0")).isEqualTo(Status.Code.UNAUTHENTICATED);
    assertThat(call(TOKEN, "Bearer " + TOKEN)).isEqualTo(Status.Code.OK);
  }

  @Test
  void otherAddressesNeedAToken() {
    assertThatThrownBy(() -> new AdminOptions("0.0.0.0", 0, null))
        .hasMessage("admin host: 0.0.0.0 without a token (expected: 127.0.0.1, or a token)");
    assertThat(new AdminOptions("0.0.0.0", 0, TOKEN)).hasToString("0.0.0.0:0 with a token");
    assertThat(new AdminOptions("localhost", 0, null).token()).isNull();
    assertThatThrownBy(() -> new AdminOptions("0.0.0.0", 0, "short"))
        .hasMessage("admin token: 5 characters (expected: 16 or more, without spaces)");
    assertThatThrownBy(() -> new AdminOptions("127.0.0.1", 70_000, null))
        .hasMessage("admin port: 70000 (expected: 0..65535)");
  }

  private static Optional<AdminOptions> from(Map<String, ?> with) {
    return AdminOptions.from(new Parameters(StructJson.of(with)));
  }

  @Test
  void anExecutorsOptionsNameThePort() {
    assertThat(from(Map.of())).isEmpty();
    assertThat(from(Map.of("admin_port", 7))).contains(new AdminOptions("127.0.0.1", 7, null));
    assertThat(from(Map.of("admin_port", 7, "admin_host", "0.0.0.0", "admin_token", TOKEN)))
        .contains(new AdminOptions("0.0.0.0", 7, TOKEN));
    assertThatThrownBy(() -> from(Map.of("admin_token", TOKEN)))
        .hasMessage("admin_token: without admin_port (expected: both)");
    assertThatThrownBy(() -> from(Map.of("admin_port", 0, "admin_host", "0.0.0.0")))
        .hasMessage("admin host: 0.0.0.0 without a token (expected: 127.0.0.1, or a token)");
    assertThatThrownBy(() -> from(Map.of("admin_port", "x"))).hasMessageStartingWith("admin_port:");
  }

  private static Optional<CoordinatorOptions> coordinator(Map<String, ?> with) {
    return CoordinatorOptions.from(new Parameters(StructJson.of(with)), from(with));
  }

  @Test
  void anExecutorsOptionsNameTheCoordinator() {
    assertThat(coordinator(Map.of("admin_port", 7))).isEmpty();
    assertThat(coordinator(Map.of("admin_port", 7, "coordinator", "first:54334")))
        .contains(new CoordinatorOptions(Address.parse("first:54334"), "127.0.0.1", null));
    CoordinatorOptions told =
        coordinator(
                Map.of(
                    "admin_port",
                    7,
                    "admin_host",
                    "0.0.0.0",
                    "admin_token",
                    TOKEN,
                    "coordinator",
                    "first:54334",
                    "advertise",
                    "second"))
            .orElseThrow();
    assertThat(told.advertised()).isEqualTo("second");
    assertThat(told.token()).isEqualTo(TOKEN);
    assertThat(told.toString()).doesNotContain(TOKEN);
    assertThatThrownBy(() -> coordinator(Map.of("coordinator", "first:1")))
        .hasMessage("coordinator: without admin_port (expected: both)");
    assertThatThrownBy(() -> coordinator(Map.of("admin_port", 7, "coordinator", "first")))
        .hasMessageStartingWith("address: first");
  }

  @Test
  void aPortThatIsTakenIsRefused() {
    AdminOptions any = new AdminOptions(AdminOptions.LOOPBACK, 0, null);
    try (AdminServer server = AdminServer.start(any, List.of(SERVICE))) {
      AdminOptions same = new AdminOptions(AdminOptions.LOOPBACK, server.port(), null);
      assertThatThrownBy(() -> AdminServer.start(same, List.of(SERVICE)).close())
          .hasMessageContaining("cannot be bound")
          .hasMessageEndingWith("(expected: a free port)");
    }
  }
}
