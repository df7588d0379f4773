package io.attune.cli;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleName;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// The modules depend on each other in one direction: `proto ← runtime ← models ← {encoder,
/// indexer, trainer, evaluator}`; `onnx ← models`; the evaluator's metrics depend on nothing, its
/// split on runtime alone, and the trainer on these two alone; `{proto, runtime, models, flows} ←
/// gateway`, never an executor's module; `flows ← k8s`; all ← cli.
class DependencyDirectionTest {
  private static final String[] PROTO = {"io.attune.proto..", "io.attune.document.."};
  private static final String RUNTIME = "io.attune.runtime..";
  private static final String ONNX = "io.attune.onnx..";
  private static final String MODELS = "io.attune.models..";
  private static final String METRICS = "io.attune.evaluator.metrics..";
  private static final String SPLIT = "io.attune.evaluator.split..";
  private static final String FLOWS = "io.attune.flows..";

  /// A module that is there and has no code yet: its rule would hold for nothing.
  private static final String WITHOUT_CODE = "k8s";

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.attune");

  private static Map<String, List<String>> allowed() {
    Map<String, List<String>> allowed = new LinkedHashMap<>();
    allowed.put("proto", List.of(PROTO));
    allowed.put("document", List.of(PROTO));
    allowed.put("runtime", with(RUNTIME));
    allowed.put("onnx", List.of(ONNX));
    allowed.put("models", with(RUNTIME, ONNX, MODELS));
    allowed.put("encoder", with(RUNTIME, MODELS, "io.attune.encoder.."));
    allowed.put("indexer", with(RUNTIME, MODELS, "io.attune.indexer.."));
    allowed.put("evaluator", with(RUNTIME, MODELS, "io.attune.evaluator.."));
    allowed.put("evaluator.metrics", List.of(METRICS));
    allowed.put("evaluator.split", List.of(RUNTIME, SPLIT));
    allowed.put("trainer", with(RUNTIME, ONNX, MODELS, METRICS, SPLIT, "io.attune.trainer.."));
    allowed.put("flows", List.of(FLOWS));
    allowed.put("gateway", with(RUNTIME, MODELS, FLOWS, "io.attune.gateway.."));
    allowed.put("k8s", List.of(FLOWS, "io.attune.k8s.."));
    allowed.put(
        "benchmarks",
        with(
            RUNTIME,
            ONNX,
            MODELS,
            FLOWS,
            "io.attune.encoder..",
            "io.attune.indexer..",
            "io.attune.evaluator..",
            "io.attune.trainer..",
            "io.attune.gateway..",
            "io.attune.benchmarks.."));
    allowed.put("cli", List.of("io.attune.."));
    return allowed;
  }

  private static List<String> with(String... packages) {
    List<String> all = new java.util.ArrayList<>(List.of(PROTO));
    all.addAll(List.of(packages));
    return all;
  }

  @TestFactory
  List<DynamicTest> eachModuleUsesOnlyWhatItMay() {
    return allowed().entrySet().stream()
        .map(entry ->
            DynamicTest.dynamicTest(entry.getKey(), () -> check(entry.getKey(), entry.getValue())))
        .toList();
  }

  private static void check(String module, List<String> packages) {
    JavaClasses ruled =
        CLASSES.that(
            resideInAPackage("io.attune." + module + "..")
                .and(DescribedPredicate.not(simpleName("package-info"))));
    if (module.equals(WITHOUT_CODE)) {
      assertThat(ruled).as("classes that the rule of " + module + " holds for").isEmpty();
      return;
    }
    noClasses()
        .should()
        .dependOnClassesThat(
            resideInAPackage("io.attune..")
                .and(DescribedPredicate.not(resideInAnyPackage(packages.toArray(String[]::new)))))
        .allowEmptyShould(false)
        .check(ruled);
  }

  @Test
  void everyModuleHasARule() {
    Set<String> found = new TreeSet<>();
    CLASSES.forEach(each -> found.add(each.getPackageName().split("\\.", -1)[2]));
    Set<String> ruled = new TreeSet<>(allowed().keySet());
    ruled.removeAll(Set.of("evaluator.metrics", "evaluator.split"));
    assertThat(found).isEqualTo(ruled);
  }
}
