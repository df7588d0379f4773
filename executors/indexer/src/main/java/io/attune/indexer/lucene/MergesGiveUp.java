package io.attune.indexer.lucene;

import java.io.IOException;
import org.apache.lucene.index.MergePolicy.MergeAbortedException;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FilterDirectory;
import org.apache.lucene.store.FilterIndexOutput;
import org.apache.lucene.store.IOContext;
import org.apache.lucene.store.IndexOutput;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Where a writer writes, whose merges are given up where the disk has no room for them: their
/// parts stay, and are merged later. Lucene knows only merges that are aborted, and others whose
/// failure ends the writer.
///
/// It is below the writer and not [LateMerges#wrapForMerge], past which Lucene writes a merge's
/// last file.
final class MergesGiveUp extends FilterDirectory {
  private static final Logger log = LoggerFactory.getLogger(MergesGiveUp.class);

  MergesGiveUp(Directory directory) {
    super(directory);
  }

  @Override
  public IndexOutput createOutput(String name, IOContext context) throws IOException {
    if (!isMerge(context)) {
      return super.createOutput(name, context);
    }
    try {
      return new File(super.createOutput(name, context));
    } catch (IOException e) {
      throw givenUp(e);
    }
  }

  @Override
  public IndexOutput createTempOutput(String prefix, String suffix, IOContext context)
      throws IOException {
    if (!isMerge(context)) {
      return super.createTempOutput(prefix, suffix, context);
    }
    try {
      return new File(super.createTempOutput(prefix, suffix, context));
    } catch (IOException e) {
      throw givenUp(e);
    }
  }

  private static boolean isMerge(IOContext context) {
    return context.context() == IOContext.Context.MERGE;
  }

  private static IOException givenUp(IOException failure) {
    if (failure instanceof MergeAbortedException) {
      return failure;
    }
    log.atWarn().setCause(failure).log("gave up merging parts of the index; searches take longer");
    MergeAbortedException aborted = new MergeAbortedException(String.valueOf(failure.getMessage()));
    aborted.initCause(failure);
    return aborted;
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
