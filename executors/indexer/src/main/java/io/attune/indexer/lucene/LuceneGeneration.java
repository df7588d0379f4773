package io.attune.indexer.lucene;

import io.attune.indexer.generation.Change;
import io.attune.indexer.generation.Content;
import io.attune.indexer.generation.Generation;
import io.attune.indexer.generation.GenerationSpec;
import io.attune.indexer.generation.View;
import java.io.IOException;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.lucene.index.CorruptIndexException;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.IndexWriterConfig.OpenMode;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.MergePolicy;
import org.apache.lucene.index.NoMergePolicy;
import org.apache.lucene.index.Term;
import org.apache.lucene.index.TieredMergePolicy;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.SearcherFactory;
import org.apache.lucene.search.SearcherManager;
import org.apache.lucene.store.AlreadyClosedException;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.store.FilterDirectory;
import org.jspecify.annotations.Nullable;

/// A generation as one Lucene index.
///
/// Writing does not refresh: a view does, if anything was applied since the last one. So bulk
/// writes make few and large segments, and a search that starts after a write was applied sees it.
///
/// Threads: `apply`, `accepts` and `keepTombstones` are called by one thread at a time; `commit`
/// may run beside them, as its position was fixed before it began. `refreshing` guards `visible`,
/// and is held while a failed writer is replaced.
///
/// Lucene ends its writer where the disk is full while a segment is written or merged, and with the
/// writer goes what no commit holds. What is `shown` then stays what it was until another writer
/// has applied all of that again.
final class LuceneGeneration implements Generation {
  private static final String POSITION = "attune.position";
  private static final String CLEARED = "attune.cleared";
  private static final String TOMBSTONES = "attune.tombstones";
  private static final double BUFFER_MEGABYTES = 128;

  /// A search walks the graph of every segment, and fourteen segments of 100,000 vectors cost it
  /// twice what four do: so few and large ones.
  private static final double SEGMENTS_PER_TIER = 4;

  private static final double FLOOR_MEGABYTES = 64;

  private final Directory directory;
  private final GenerationSpec spec;
  private final ScanRule scanRule;
  private volatile Writing writing;
  private volatile SearcherManager shown;
  private final RootDocuments roots = new RootDocuments();
  private final Object refreshing = new Object();

  private volatile boolean tombstones;
  private final AtomicLong applied = new AtomicLong();
  private volatile long visible;
  private volatile long committed;

  private LuceneGeneration(
      Directory directory, GenerationSpec spec, ScanRule scanRule, IndexWriter writer)
      throws IOException {
    this.directory = directory;
    this.spec = spec;
    this.scanRule = scanRule;
    this.writing = new Writing(writer);
    this.shown = writing.searchers;
  }

  /// A writer, and what is known of what it holds.
  private final class Writing implements HeldSequences.Index, AutoCloseable {
    private final IndexWriter writer;
    private final SearcherManager searchers;
    private final HeldSequences held = new HeldSequences(this);

    Writing(IndexWriter writer) throws IOException {
      this.writer = writer;
      this.searchers = new SearcherManager(writer, new SearcherFactory());
    }

    @Override
    public void refresh() throws IOException {
      LuceneGeneration.this.refresh();
    }

    @Override
    public long rank(String id) throws IOException {
      IndexSearcher searcher = searchers.acquire();
      try {
        return RootLookup.rank(searcher.getIndexReader(), id);
      } finally {
        searchers.release(searcher);
      }
    }

    @Override
    public void close() throws IOException {
      try (searchers) {
        if (writer.isOpen()) {
          writer.rollback();
        }
      }
    }
  }

  static LuceneGeneration create(Directory directory, GenerationSpec spec, ScanRule scanRule)
      throws IOException {
    IndexWriter writer = writer(directory, spec, scanRule, OpenMode.CREATE);
    writer.setLiveCommitData(Map.of(POSITION, "0").entrySet());
    writer.commit();
    return new LuceneGeneration(directory, spec, scanRule, writer);
  }

  /// Opens the last commit, once the checksum of every file was compared.
  ///
  /// @throws CorruptIndexException where one is damaged
  static LuceneGeneration open(Directory directory, GenerationSpec spec, ScanRule scanRule)
      throws IOException {
    try {
      IndexWriter writer = writer(directory, spec, scanRule, OpenMode.APPEND);
      try {
        LuceneGeneration generation = new LuceneGeneration(directory, spec, scanRule, writer);
        generation.restore(generation.writing, true);
        return generation;
      } catch (IOException | RuntimeException e) {
        writer.rollback();
        throw e;
      }
    } catch (IllegalArgumentException | IllegalStateException | IndexOutOfBoundsException e) {
      // damaged headers are read before their checksums are
      throw new CorruptIndexException(String.valueOf(e.getMessage()), directory.toString(), e);
    }
  }

  private static IndexWriter writer(
      Directory directory, GenerationSpec spec, ScanRule scanRule, OpenMode mode)
      throws IOException {
    IndexWriterConfig config =
        new IndexWriterConfig()
            .setCodec(new VectorCodec(spec.graph(), scanRule.graphThreshold()))
            .setOpenMode(mode)
            .setCommitOnClose(false)
            .setUseCompoundFile(false)
            .setMergePolicy(NoMergePolicy.INSTANCE)
            .setMergeScheduler(new LateMerges())
            .setMaxFullFlushMergeWaitMillis(0) // a search after a write does not wait for a merge
            .setRAMBufferSizeMB(BUFFER_MEGABYTES);
    return new IndexWriter(new MergesGiveUp(directory), config);
  }

  private static MergePolicy merges() {
    TieredMergePolicy merges = new TieredMergePolicy();
    merges.setNoCFSRatio(0);
    return merges.setSegmentsPerTier(SEGMENTS_PER_TIER).setFloorSegmentMB(FLOOR_MEGABYTES);
  }

  /// Takes over what the last commit holds.
  private void restore(Writing from, boolean isChecked) throws IOException {
    Map<String, String> data = new HashMap<>();
    from.writer.getLiveCommitData().forEach(entry -> data.put(entry.getKey(), entry.getValue()));
    committed = Long.parseLong(data.getOrDefault(POSITION, "0"));
    long cleared = Long.parseLong(data.getOrDefault(CLEARED, "0"));
    tombstones = Boolean.parseBoolean(data.getOrDefault(TOMBSTONES, "false"));
    long highest = committed;
    IndexSearcher searcher = from.searchers.acquire();
    try {
      for (LeafReaderContext leaf : searcher.getIndexReader().leaves()) {
        if (isChecked) {
          leaf.reader().checkIntegrity();
        }
        highest = Math.max(highest, LuceneFields.greatestSequence(leaf.reader()));
      }
    } finally {
      from.searchers.release(searcher);
    }
    from.held.restore(highest, cleared);
  }

  @Override
  public GenerationSpec spec() {
    return spec;
  }

  @Override
  public int apply(List<Change> changes) throws IOException {
    int counted = 0;
    for (Change change : changes) {
      if (writing.held.isNewer(change)) {
        write(change);
        counted++;
      }
    }
    return counted;
  }

  @Override
  public boolean accepts(String id, long sequence) throws IOException {
    return writing.held.isNewer(id, sequence, true);
  }

  private void write(Change change) throws IOException {
    Content content = change.content();
    if (change.clears()) {
      writing.writer.deleteAll();
    } else if (content != null) {
      writing.writer.updateDocuments(
          LuceneFields.id(change.id()), LuceneFields.block(change, content, spec.metric()));
    } else if (tombstones) {
      writing.writer.updateDocument(
          LuceneFields.id(change.id()), LuceneFields.tombstone(change.id(), change.sequence()));
    } else {
      writing.writer.deleteDocuments(LuceneFields.id(change.id()));
    }
    writing.held.applied(change);
    applied.incrementAndGet();
  }

  @Override
  public void keepTombstones(boolean keep) throws IOException {
    if (tombstones && !keep) {
      writing.writer.deleteDocuments(new Term(LuceneFields.KIND, LuceneFields.TOMBSTONE));
      applied.incrementAndGet();
      writing.held.forget();
    }
    tombstones = keep;
  }

  @Override
  public View view() throws IOException {
    refresh();
    while (true) {
      SearcherManager now = shown;
      try {
        return new LuceneView(now, spec, roots, scanRule);
      } catch (AlreadyClosedException e) {
        if (now == shown) {
          throw e;
        } // else another writer has taken over just now
      }
    }
  }

  /// Makes everything visible that was applied before the call. Once the writer has failed nothing
  /// is acknowledged any more, and what was visible stays so.
  private void refresh() throws IOException {
    if (visible >= applied.get()) {
      return;
    }
    synchronized (refreshing) {
      if (visible < applied.get()) {
        refreshNow();
      }
    }
  }

  private void refreshNow() throws IOException {
    synchronized (refreshing) {
      long reached = applied.get();
      try {
        writing.searchers.maybeRefreshBlocking();
        visible = reached;
      } catch (AlreadyClosedException | IOException e) {
        if (failure() == null) {
          throw e;
        }
      }
    }
  }

  @Override
  public void commit(long position) throws IOException {
    IndexWriter writer = writing.writer;
    writer.setLiveCommitData(
        Map.of(
                POSITION, String.valueOf(position),
                CLEARED, String.valueOf(writing.held.cleared()),
                TOMBSTONES, String.valueOf(tombstones))
            .entrySet());
    writer.getConfig().setMergePolicy(merges()); // from here on: a restart answers before it merges
    try {
      writer.commit();
    } catch (IllegalStateException e) {
      // how Lucene says that another of its threads failed meanwhile
      if (failure() == null) {
        throw e;
      }
      throw new IOException(String.valueOf(failure()), e);
    }
    committed = position;
    refreshNow(); // what was merged since is searched from here on, also where nothing was written
  }

  @Override
  public @Nullable Throwable failure() {
    return writing.writer.getTragicException();
  }

  @Override
  public boolean isStale() {
    return failure() != null && visible < applied.get();
  }

  @Override
  public void recover(Replay replay) throws IOException {
    synchronized (refreshing) {
      Writing failed = writing;
      failed.writer.rollback(); // lets go of the folder where it has not
      writing = opened();
      if (failed.searchers != shown) {
        failed.searchers.close(); // it came after what is shown, and was never
      }
      boolean kept = tombstones;
      restore(writing, false);
      tombstones = kept;
      try {
        replay.run();
        writing.searchers.maybeRefreshBlocking(); // finds out whether there is room
      } catch (AlreadyClosedException e) {
        throw new IOException(String.valueOf(failure()), e);
      }
      SearcherManager former = shown;
      shown = writing.searchers;
      visible = applied.get();
      former.close();
    }
  }

  private Writing opened() throws IOException {
    IndexWriter writer = writer(directory, spec, scanRule, OpenMode.APPEND);
    try {
      return new Writing(writer);
    } catch (IOException | RuntimeException e) {
      writer.rollback();
      throw e;
    }
  }

  @Override
  public long committed() {
    return committed;
  }

  @Override
  public boolean hasUncommitted() {
    return writing.writer.hasUncommittedChanges();
  }

  @Override
  public boolean isMerging() {
    return !writing.writer.getMergingSegments().isEmpty();
  }

  @Override
  public boolean isScattered() {
    try {
      SearcherManager searchers = shown;
      IndexSearcher searcher = searchers.acquire();
      try {
        return GraphSegments.areScattered(searcher.getIndexReader().leaves(), scanRule, room());
      } finally {
        searchers.release(searcher);
      }
    } catch (IOException | AlreadyClosedException _) {
      return false; // it closes, or is beyond merging
    }
  }

  private long room() throws IOException {
    return FilterDirectory.unwrap(directory) instanceof FSDirectory disk
        ? Files.getFileStore(disk.getDirectory()).getUsableSpace()
        : Long.MAX_VALUE;
  }

  @Override
  public void compact() throws IOException {
    if (!isMerging() && isScattered()) {
      writing.writer.forceMerge(1, false);
    }
  }

  @Override
  public void close() throws IOException {
    try (directory;
        SearcherManager _ = shown;
        Writing _ = writing) {}
  }
}
