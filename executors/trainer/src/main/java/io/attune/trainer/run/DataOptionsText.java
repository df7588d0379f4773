package io.attune.trainer.run;

import io.attune.runtime.FlowException;
import io.attune.trainer.data.DataForm;
import io.attune.trainer.data.DataOptions;
import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.UnsupportedCharsetException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// `csv_options` as text: read into [DataOptions] and written back. The seed is the run's.
final class DataOptionsText {
  private DataOptionsText() {}

  static DataOptions read(ConfigKeys outer, long seed) {
    ConfigKeys keys = outer.within("csv_options");
    for (String key : List.of("convert_to_blob", "create_point_clouds", "point_cloud_size")) {
      keys.refuse(key, "leave it out; texts are read");
    }
    boolean header = keys.has("header");
    DataForm form = form(keys);
    boolean labeled = keys.truth("is_labeled", false);
    List<String> columns = keys.texts("columns");
    Boolean headed = header ? (Boolean) keys.truth("header", false) : null;
    String dialect = keys.text("dialect", "auto");
    Charset encoding = encoding(keys);
    int size = keys.whole("size", 0, 0, Integer.MAX_VALUE);
    double rate =
        keys.number("sampling_rate", 1, value -> value > 0 && value <= 1, "above 0 and up to 1");
    double positive = keys.number("positive_label", 1, Double::isFinite, "finite");
    double negative = keys.number("negative_label", -1, Double::isFinite, "finite");
    keys.finish(Set.of("convert_to_blob", "create_point_clouds", "point_cloud_size"));
    return outer.judged(
        "csv_options",
        DataOptions.DEFAULTS,
        () ->
            new DataOptions(
                form, labeled, columns, headed, dialect, encoding, size, rate, seed, positive,
                negative, "", null));
  }

  private static DataForm form(ConfigKeys keys) {
    String form = keys.text("form", "auto");
    try {
      return DataForm.of(form);
    } catch (FlowException _) {
      keys.error("form", form, List.of(DataForm.values()).toString());
      return DataForm.AUTO;
    }
  }

  private static Charset encoding(ConfigKeys keys) {
    String encoding = keys.text("encoding", "utf-8");
    try {
      return Charset.forName(encoding);
    } catch (IllegalCharsetNameException | UnsupportedCharsetException _) {
      keys.error("encoding", encoding, "a character set such as utf-8");
      return DataOptions.DEFAULTS.encoding();
    }
  }

  /// What is not the default.
  static Map<String, @Nullable Object> toMap(DataOptions options) {
    DataOptions defaults = DataOptions.DEFAULTS;
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    put(map, "form", options.form().toString(), defaults.form().toString());
    put(map, "is_labeled", options.labeled(), defaults.labeled());
    put(map, "columns", options.columns(), defaults.columns());
    put(map, "header", options.header(), defaults.header());
    put(map, "dialect", options.dialect(), defaults.dialect());
    put(map, "encoding", options.encoding().name(), defaults.encoding().name());
    put(map, "size", options.size(), defaults.size());
    put(map, "sampling_rate", options.samplingRate(), defaults.samplingRate());
    put(map, "positive_label", options.positive(), defaults.positive());
    put(map, "negative_label", options.negative(), defaults.negative());
    return map;
  }

  private static void put(
      Map<String, @Nullable Object> map,
      String key,
      @Nullable Object value,
      @Nullable Object fallback) {
    if (value != null && !value.equals(fallback)) {
      map.put(key, value);
    }
  }
}
