package io.attune.indexer.lucene;

import io.attune.indexer.generation.GenerationSpec;
import io.attune.indexer.generation.GraphOptions;
import java.io.IOException;
import org.apache.lucene.codecs.KnnVectorsFormat;
import org.apache.lucene.codecs.KnnVectorsReader;
import org.apache.lucene.codecs.KnnVectorsWriter;
import org.apache.lucene.codecs.lucene104.Lucene104Codec;
import org.apache.lucene.codecs.lucene104.Lucene104HnswScalarQuantizedVectorsFormat;
import org.apache.lucene.codecs.lucene99.Lucene99HnswVectorsFormat;
import org.apache.lucene.index.SegmentReadState;
import org.apache.lucene.index.SegmentWriteState;
import org.apache.lucene.util.quantization.QuantizedByteVectorValues.ScalarEncoding;

/// Lucene's codec with our graph options. Only writing differs: files carry the names of Lucene's
/// own formats and are read without this class.
final class VectorCodec extends Lucene104Codec {
  private static final int MERGE_WORKERS = 1;

  private final KnnVectorsFormat format;

  /// @param graph how graphs are built
  /// @param threshold from which size on, as [ScanRule#graphThreshold] says
  VectorCodec(GraphOptions graph, int threshold) {
    KnnVectorsFormat lucene =
        graph.quantized()
            ? new Lucene104HnswScalarQuantizedVectorsFormat(
                ScalarEncoding.UNSIGNED_BYTE,
                graph.maxConnections(),
                graph.efConstruction(),
                MERGE_WORKERS,
                null,
                threshold)
            : new Lucene99HnswVectorsFormat(
                graph.maxConnections(), graph.efConstruction(), MERGE_WORKERS, null, threshold);
    format = new WideFormat(lucene);
  }

  @Override
  public KnnVectorsFormat getKnnVectorsFormatForField(String field) {
    return format;
  }

  /// A format that accepts our dimensions where Lucene's own stops at 1,024.
  private static final class WideFormat extends KnnVectorsFormat {
    private final KnnVectorsFormat lucene;

    WideFormat(KnnVectorsFormat lucene) {
      super(lucene.getName());
      this.lucene = lucene;
    }

    @Override
    public KnnVectorsWriter fieldsWriter(SegmentWriteState state) throws IOException {
      return lucene.fieldsWriter(state);
    }

    @Override
    public KnnVectorsReader fieldsReader(SegmentReadState state) throws IOException {
      return lucene.fieldsReader(state);
    }

    @Override
    public int getMaxDimensions(String field) {
      return GenerationSpec.MAX_DIMENSION;
    }
  }
}
