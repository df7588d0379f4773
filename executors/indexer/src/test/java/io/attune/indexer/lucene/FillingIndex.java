package io.attune.indexer.lucene;

import io.attune.indexer.generation.Generation;
import io.attune.indexer.generation.GenerationSpec;
import io.attune.indexer.generation.VectorIndex;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.store.FilterDirectory;
import org.apache.lucene.store.FilterIndexOutput;
import org.apache.lucene.store.IOContext;
import org.apache.lucene.store.IndexOutput;

/// Lucene on a disk that can be filled and emptied: a write of more than is left writes nothing.
public final class FillingIndex implements VectorIndex {
  private static final String NONE = "/"; // no file's name ends so

  private final AtomicLong room = new AtomicLong(Long.MAX_VALUE);
  private final AtomicInteger refused = new AtomicInteger();
  private volatile String unmerged = NONE;
  private final LuceneIndex lucene =
      new LuceneIndex(ScanRule.MEASURED, folder -> new Disk(FSDirectory.open(folder)));

  /// Leaves room for as many bytes more.
  public void fill(long left) {
    room.set(left);
  }

  /// Makes room for everything.
  public void empty() {
    room.set(Long.MAX_VALUE);
  }

  @Override
  public Generation create(Path folder, GenerationSpec spec) throws IOException {
    return lucene.create(folder, spec);
  }

  @Override
  public Generation open(Path folder, GenerationSpec spec) throws IOException {
    return lucene.open(folder, spec);
  }

  /// From now on there is no room for what is merged as soon as a file of this ending is made.
  public void fillForMerged(String ending) {
    unmerged = ending;
  }

  /// How many files of merges were refused so.
  public int refusedOfMerges() {
    return refused.get();
  }

  private void take(long bytes) throws IOException {
    if (room.getAndUpdate(left -> left < bytes ? left : left - bytes) < bytes) {
      throw new IOException("No space left on device");
    }
  }

  private final class Disk extends FilterDirectory {
    Disk(Directory directory) {
      super(directory);
    }

    @Override
    public IndexOutput createOutput(String name, IOContext context) throws IOException {
      if (context.context() == IOContext.Context.MERGE && name.endsWith(unmerged)) {
        refused.incrementAndGet();
        throw new IOException("No space left on device");
      }
      take(1);
      return new File(super.createOutput(name, context));
    }

    @Override
    public IndexOutput createTempOutput(String prefix, String suffix, IOContext context)
        throws IOException {
      take(1);
      return new File(super.createTempOutput(prefix, suffix, context));
    }
  }

  private final class File extends FilterIndexOutput {
    File(IndexOutput output) {
      super("a file on a disk that fills", output.getName(), output);
    }

    @Override
    public void writeByte(byte value) throws IOException {
      take(1);
      super.writeByte(value);
    }

    @Override
    public void writeBytes(byte[] values, int offset, int length) throws IOException {
      take(length);
      super.writeBytes(values, offset, length);
    }
  }
}
