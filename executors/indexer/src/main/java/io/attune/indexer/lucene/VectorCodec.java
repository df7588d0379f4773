package io.attune.indexer.lucene;

import io.attune.indexer.generation.GenerationSpec;
import io.attune.indexer.generation.GraphOptions;
import java.io.IOException;
import org.apache.lucene.codecs.FilterCodec;
import org.apache.lucene.codecs.KnnVectorsFormat;
import org.apache.lucene.codecs.KnnVectorsReader;
import org.apache.lucene.codecs.KnnVectorsWriter;
import org.apache.lucene.codecs.SegmentInfoFormat;
import org.apache.lucene.codecs.lucene104.Lucene104Codec;
import org.apache.lucene.codecs.lucene104.Lucene104HnswScalarQuantizedVectorsFormat;
import org.apache.lucene.codecs.lucene99.Lucene99HnswVectorsFormat;
import org.apache.lucene.index.SegmentInfo;
import org.apache.lucene.index.SegmentReadState;
import org.apache.lucene.index.SegmentWriteState;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.IOContext;
import org.apache.lucene.util.quantization.QuantizedByteVectorValues.ScalarEncoding;

/// Lucene's codec with our graph options. Only writing differs: files carry the names of Lucene's
/// own formats and are read without this class.
final class VectorCodec extends FilterCodec {
  private static final int MERGE_WORKERS = 1;

  /// @param graph how graphs are built
  /// @param threshold from which size on, as [ScanRule#graphThreshold] says
  VectorCodec(GraphOptions graph, int threshold) {
    this(new Graphs(new WideFormat(format(graph, threshold))));
  }

  private VectorCodec(Graphs graphs) {
    super(graphs.getName(), graphs);
  }

  private static KnnVectorsFormat format(GraphOptions graph, int threshold) {
    return graph.quantized()
        ? new Lucene104HnswScalarQuantizedVectorsFormat(
            ScalarEncoding.UNSIGNED_BYTE,
            graph.maxConnections(),
            graph.efConstruction(),
            MERGE_WORKERS,
            null,
            threshold)
        : new Lucene99HnswVectorsFormat(
            graph.maxConnections(), graph.efConstruction(), MERGE_WORKERS, null, threshold);
  }

  /// Lucene's codec with one format for all vectors.
  private static final class Graphs extends Lucene104Codec {
    private final KnnVectorsFormat format;

    Graphs(KnnVectorsFormat format) {
      this.format = format;
    }

    @Override
    public KnnVectorsFormat getKnnVectorsFormatForField(String field) {
      return format;
    }
  }

  @Override
  public SegmentInfoFormat segmentInfoFormat() {
    return new GivingUpFormat(super.segmentInfoFormat());
  }

  /// A format that ends a merge without room, and not the writer: Lucene writes this file of a
  /// merge past [LateMerges].
  private static final class GivingUpFormat extends SegmentInfoFormat {
    private final SegmentInfoFormat lucene;

    GivingUpFormat(SegmentInfoFormat lucene) {
      this.lucene = lucene;
    }

    @Override
    public SegmentInfo read(Directory directory, String segment, byte[] id, IOContext context)
        throws IOException {
      return lucene.read(directory, segment, id, context);
    }

    @Override
    public void write(Directory directory, SegmentInfo info, IOContext context) throws IOException {
      try {
        lucene.write(directory, info, context);
      } catch (IOException e) {
        throw context.context() == IOContext.Context.MERGE ? LateMerges.givenUp(e) : e;
      }
    }
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
