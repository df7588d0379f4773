package io.attune.indexer.lucene;

import io.attune.runtime.process.ProcessPriority;
import java.io.IOException;
import org.apache.lucene.index.ConcurrentMergeScheduler;
import org.apache.lucene.index.MergePolicy.MergeAbortedException;
import org.apache.lucene.index.MergePolicy.OneMerge;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FilterDirectory;
import org.apache.lucene.store.FilterIndexOutput;
import org.apache.lucene.store.IOContext;
import org.apache.lucene.store.IndexOutput;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Merges on threads of their own, behind searches: merging builds graphs anew, which takes a core
/// for long, and nobody waits for it.
///
/// A merge that the disk has no room for is given up: its parts stay, and are merged later. Lucene
/// knows only merges that are aborted, and others whose failure ends the writer.
final class LateMerges extends ConcurrentMergeScheduler {
  private static final Logger log = LoggerFactory.getLogger(LateMerges.class);

  @Override
  protected void doMerge(MergeSource source, OneMerge merge) throws IOException {
    boolean _ = ProcessPriority.lower();
    super.doMerge(source, merge);
  }

  @Override
  public Directory wrapForMerge(OneMerge merge, Directory directory) {
    return new GivingUp(super.wrapForMerge(merge, directory));
  }

  /// The failure of a merge as one that ends the merge alone.
  static IOException givenUp(IOException failure) {
    if (failure instanceof MergeAbortedException) {
      return failure;
    }
    log.atWarn().setCause(failure).log("gave up merging parts of the index; searches take longer");
    MergeAbortedException aborted = new MergeAbortedException(String.valueOf(failure.getMessage()));
    aborted.initCause(failure);
    return aborted;
  }

  /// Where a merge writes.
  private static final class GivingUp extends FilterDirectory {
    GivingUp(Directory directory) {
      super(directory);
    }

    @Override
    public IndexOutput createOutput(String name, IOContext context) throws IOException {
      try {
        return new File(super.createOutput(name, context));
      } catch (IOException e) {
        throw givenUp(e);
      }
    }

    @Override
    public IndexOutput createTempOutput(String prefix, String suffix, IOContext context)
        throws IOException {
      try {
        return new File(super.createTempOutput(prefix, suffix, context));
      } catch (IOException e) {
        throw givenUp(e);
      }
    }
  }

  /// Numbers are passed on whole: one by one their bytes take longer.
  private static final class File extends FilterIndexOutput {
    File(IndexOutput output) {
      super("merged", output.getName(), output);
    }

    @Override
    public void writeByte(byte value) throws IOException {
      try {
        super.writeByte(value);
      } catch (IOException e) {
        throw givenUp(e);
      }
    }

    @Override
    public void writeBytes(byte[] values, int offset, int length) throws IOException {
      try {
        super.writeBytes(values, offset, length);
      } catch (IOException e) {
        throw givenUp(e);
      }
    }

    @Override
    public void writeShort(short value) throws IOException {
      try {
        out.writeShort(value);
      } catch (IOException e) {
        throw givenUp(e);
      }
    }

    @Override
    public void writeInt(int value) throws IOException {
      try {
        out.writeInt(value);
      } catch (IOException e) {
        throw givenUp(e);
      }
    }

    @Override
    public void writeLong(long value) throws IOException {
      try {
        out.writeLong(value);
      } catch (IOException e) {
        throw givenUp(e);
      }
    }

    @Override
    public void close() throws IOException {
      try {
        super.close();
      } catch (IOException e) {
        throw givenUp(e);
      }
    }
  }
}
