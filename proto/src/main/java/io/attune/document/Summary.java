package io.attune.document;

import io.attune.proto.docarray.DocumentProto;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/// The tables that docarray's `summary()` prints, on a screen that is wide enough for them.
final class Summary {
  private final DocumentArray documents;

  Summary(DocumentArray documents) {
    this.documents = documents;
  }

  @Override
  public String toString() {
    Map<List<String>, Integer> kinds = new LinkedHashMap<>();
    for (Document document : documents) {
      kinds.merge(document.setFields(), 1, Integer::sum);
    }
    Set<String> names = new TreeSet<>();
    kinds.keySet().forEach(names::addAll);
    String tables = Panel.of("Documents Summary", List.of(), facts(kinds, names));
    return names.isEmpty() ? tables : tables + attributes(names);
  }

  private List<List<String>> facts(Map<List<String>, Integer> kinds, Set<String> names) {
    boolean homogeneous = kinds.size() == 1;
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("Type", "DocumentArrayInMemory"));
    rows.add(List.of("Length", Integer.toString(documents.size())));
    rows.add(List.of("Homogenous Documents", python(homogeneous)));
    List<String> nested =
        List.of("chunks", "matches").stream().filter(names::contains).collect(Collectors.toList());
    if (!nested.isEmpty()) {
      rows.add(List.of("Has nested Documents in", tuple(nested)));
    }
    if (homogeneous) {
      rows.add(List.of("Common Attributes", tuple(kinds.keySet().iterator().next())));
    } else {
      kinds.entrySet().stream()
          .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
          .forEach(kind -> rows.add(List.of(kindName(kind), tuple(kind.getKey()))));
    }
    boolean multimodal =
        documents.stream().allMatch(each -> each.metadata().containsFields("multi_modal_schema"));
    rows.add(List.of("Multimodal dataclass", python(multimodal)));
    return rows;
  }

  private static String kindName(Map.Entry<List<String>, Integer> kind) {
    String start = kind.getValue() == 1 ? "1 Document has " : kind.getValue() + " Documents have ";
    return start
        + switch (kind.getKey().size()) {
          case 0 -> "no attribute";
          case 1 -> "one attribute";
          default -> "attributes";
        };
  }

  private String attributes(Set<String> names) {
    Map<String, Attribute> known = Attribute.all();
    List<List<String>> rows = new ArrayList<>();
    for (String name : names) {
      Attribute attribute = known.getOrDefault(name, Attribute.UNKNOWN);
      Set<String> types = new TreeSet<>();
      Set<Object> values = new HashSet<>();
      for (Document document : documents) {
        types.add(attribute.type().apply(document));
        values.add(attribute.value().apply(document));
      }
      boolean hasEmpty = types.contains("NoneType");
      // what Python cannot hash is counted, not compared
      int unique = attribute.hashable() ? values.size() : documents.size();
      rows.add(
          List.of(name, tuple(List.copyOf(types)), Integer.toString(unique), python(hasEmpty)));
    }
    return Panel.of(
        "Attributes Summary",
        List.of("Attribute", "Data type", "#Unique values", "Has empty value"),
        rows);
  }

  /// What Python says of one field.
  private record Attribute(
      boolean hashable, Function<Document, String> type, Function<Document, Object> value) {
    static final Attribute UNKNOWN = counted("dict");

    static Map<String, Attribute> all() {
      Map<String, Attribute> all = new TreeMap<>();
      all.put("id", text(Document::id));
      all.put("parent_id", text(Document::parentId));
      all.put("mime_type", text(Document::mimeType));
      all.put("text", text(Document::text));
      all.put("uri", text(Document::uri));
      all.put("modality", text(Document::modality));
      all.put("granularity", of("int", Document::granularity));
      all.put("adjacency", of("int", Document::adjacency));
      all.put("weight", of("float", Document::weight));
      all.put("offset", of("float", Document::offset));
      all.put("blob", of("bytes", Document::blob));
      all.put("tags", counted("dict"));
      all.put("location", counted("list"));
      all.put("evaluations", counted("defaultdict"));
      all.put("scores", counted("defaultdict"));
      all.put("chunks", counted("ChunkArray"));
      all.put("matches", counted("MatchArray"));
      all.put("tensor", new Attribute(false, Document::tensorType, document -> ""));
      all.put("embedding", new Attribute(false, Document::embeddingType, document -> ""));
      return all;
    }

    private static Attribute text(Function<Document, Object> value) {
      return of("str", value);
    }

    private static Attribute of(String type, Function<Document, Object> value) {
      return new Attribute(true, document -> type, value);
    }

    private static Attribute counted(String type) {
      return new Attribute(false, document -> type, document -> "");
    }
  }

  /// In the order of docarray's data class; names that start with an underscore are not shown.
  static List<String> setFields(DocumentProto.Builder message, int chunks, int matches) {
    List<String> names = new ArrayList<>();
    addIf(names, "id", !message.getId().isEmpty());
    addIf(names, "parent_id", !message.getParentId().isEmpty());
    addIf(names, "granularity", message.getGranularity() != 0);
    addIf(names, "adjacency", message.getAdjacency() != 0);
    addIf(names, "blob", !message.getBlob().isEmpty());
    addIf(names, "tensor", message.hasTensor() && !NdArray.isNothing(message.getTensor()));
    addIf(names, "mime_type", !message.getMimeType().isEmpty());
    addIf(names, "text", !message.getText().isEmpty());
    addIf(names, "weight", message.getWeight() != 0);
    addIf(names, "uri", !message.getUri().isEmpty());
    addIf(names, "tags", message.getTags().getFieldsCount() > 0);
    addIf(names, "offset", message.getOffset() != 0);
    addIf(names, "location", message.getLocationCount() > 0);
    addIf(names, "embedding", message.hasEmbedding() && !NdArray.isNothing(message.getEmbedding()));
    addIf(names, "modality", !message.getModality().isEmpty());
    addIf(names, "evaluations", message.getEvaluationsCount() > 0);
    addIf(names, "scores", message.getScoresCount() > 0);
    addIf(names, "chunks", chunks > 0);
    addIf(names, "matches", matches > 0);
    return Collections.unmodifiableList(names);
  }

  private static void addIf(List<String> names, String name, boolean isSet) {
    if (isSet) {
      names.add(name);
    }
  }

  private static String python(boolean value) {
    return value ? "True" : "False";
  }

  private static String tuple(List<String> names) {
    String body = names.stream().map(name -> "'" + name + "'").collect(Collectors.joining(", "));
    return "(" + body + (names.size() == 1 ? ",)" : ")");
  }
}
