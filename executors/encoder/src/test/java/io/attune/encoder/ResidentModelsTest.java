package io.attune.encoder;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.runtime.FlowException;
import io.attune.runtime.ModelVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ResidentModelsTest {
  @Test
  void closesAModelOnceAfterItsLastLease() {
    FakeModel first = new FakeModel("m", 1);
    FakeModel second = new FakeModel("m", 2);
    ResidentModels models = new ResidentModels(first);
    models.add(second);
    ResidentModels.Lease one = models.lease(second.id());
    ResidentModels.Lease two = models.lease(second.id());
    models.remove(second.id());
    one.close();
    one.close();
    assertThat(second.closed).hasValue(0);
    two.close();
    assertThat(second.closed).hasValue(1);
    models.close();
    assertThat(first.closed).hasValue(1);
  }

  @Test
  void closeWaitsForLeasesOfTheLiveModelToo() {
    FakeModel only = new FakeModel("m", 1);
    ResidentModels models = new ResidentModels(only);
    ResidentModels.Lease lease = models.lease(only.id());
    models.close();
    assertThat(only.closed).hasValue(0);
    lease.close();
    assertThat(only.closed).hasValue(1);
  }

  @Test
  void neverGivesAClosedModelWhileVersionsComeAndGo() {
    ResidentModels models = new ResidentModels(new FakeModel("m", 1));
    List<FakeModel> loaded = new ArrayList<>();
    Queue<String> wrong = new ConcurrentLinkedQueue<>();
    try (ExecutorService users = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int user = 0; user < 8; user++) {
        users.execute(() -> {
          for (int i = 0; i < 2000; i++) {
            use(models, new ModelVersion("m", 1 + i % 40), wrong);
          }
        });
      }
      for (int version = 2; version <= 40; version++) {
        FakeModel model = new FakeModel("m", version);
        loaded.add(model);
        models.add(model);
        models.live(model.id());
        models.remove(new ModelVersion("m", version - 1));
      }
    }
    assertThat(wrong).isEmpty();
    models.close();
    assertThat(loaded).allSatisfy(model -> assertThat(model.closed).hasValue(1));
  }

  private static void use(ResidentModels models, ModelVersion version, Queue<String> wrong) {
    try (ResidentModels.Lease lease = models.lease(version)) {
      FakeModel model = (FakeModel) lease.model();
      if (model.closed.get() > 0 || !model.id().equals(version)) {
        wrong.add(version + " is " + model.id());
      }
    } catch (FlowException absent) {
      Thread.onSpinWait();
    }
  }
}
