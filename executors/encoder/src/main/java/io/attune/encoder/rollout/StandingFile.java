package io.attune.encoder.rollout;

import io.attune.models.Durable;
import io.attune.proto.attune.RolloutState;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.ModelVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// A standing in `standing.json` of the executor's workspace. One executor writes it: replicas have
/// workspaces of their own.
public final class StandingFile implements StandingStore {
  /// The file's name.
  public static final String NAME = "standing.json";

  private static final long MOST_BYTES = 1 << 16;
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .build();

  private final Path folder;

  /// @param folder the workspace; made when something is written
  public StandingFile(Path folder) {
    this.folder = folder;
  }

  private record CommandJson(
      String rollout,
      long epoch,
      int from,
      int to,
      String from_space,
      String to_space,
      int dimension,
      String state) {}

  private record StandingJson(
      String model,
      int live,
      List<Integer> held,
      @Nullable CommandJson command,
      boolean reached,
      String refusal) {}

  @Override
  public Optional<Standing> read() {
    Path file = folder.resolve(NAME);
    try {
      if (Files.size(file) > MOST_BYTES) {
        throw damaged(file, Files.size(file) + " bytes", null);
      }
      return Optional.of(standing(MAPPER.readValue(file, StandingJson.class)));
    } catch (NoSuchFileException _) {
      return Optional.empty();
    } catch (IOException | JacksonException | IllegalArgumentException e) {
      throw damaged(file, String.valueOf(e.getMessage()).lines().findFirst().orElse(""), e);
    } catch (FlowException e) {
      throw e.code() == ErrorCode.DATA_LOSS ? e : damaged(file, e.getMessage(), e);
    } catch (NullPointerException e) {
      throw damaged(file, "a value is missing", e);
    }
  }

  private static FlowException damaged(
      Path file, @Nullable String what, @Nullable Throwable cause) {
    return new FlowException(
        ErrorCode.DATA_LOSS,
        "%s: %s (expected: the standing that this encoder wrote; without the file it starts with the"
                .formatted(file, what)
            + " model of its options)",
        cause);
  }

  private static Standing standing(StandingJson json) {
    String model = Objects.requireNonNull(json.model, "model");
    return new Standing(
        new ModelVersion(model, json.live),
        json.held.stream().map(version -> new ModelVersion(model, version)).toList(),
        json.command == null ? null : command(model, json.command),
        json.reached,
        Objects.requireNonNull(json.refusal, "refusal"));
  }

  private static Command command(String model, CommandJson json) {
    return new Command(
        json.rollout,
        json.epoch,
        new ModelVersion(model, json.from),
        new ModelVersion(model, json.to),
        json.from_space,
        json.to_space,
        json.dimension,
        RolloutState.valueOf(json.state));
  }

  @Override
  public void write(Standing standing) throws IOException {
    Command command = standing.command();
    StandingJson json =
        new StandingJson(
            standing.model(),
            standing.live().version(),
            standing.held().stream().map(ModelVersion::version).toList(),
            command == null ? null : json(command),
            standing.reached(),
            standing.refusal());
    Durable.write(folder, NAME, MAPPER.writeValueAsString(json));
  }

  private static CommandJson json(Command command) {
    return new CommandJson(
        command.rollout(),
        command.epoch(),
        command.from().version(),
        command.to().version(),
        command.fromSpace(),
        command.toSpace(),
        command.dimension(),
        command.state().name());
  }
}
