package io.attune.indexer.lucene;

import io.attune.runtime.process.ProcessPriority;
import java.io.IOException;
import org.apache.lucene.index.ConcurrentMergeScheduler;
import org.apache.lucene.index.MergePolicy.OneMerge;

/// Merges on threads of their own, behind searches: merging builds graphs anew, which takes a core
/// for long, and nobody waits for it.
final class LateMerges extends ConcurrentMergeScheduler {
  @Override
  protected void doMerge(MergeSource source, OneMerge merge) throws IOException {
    boolean _ = ProcessPriority.lower();
    super.doMerge(source, merge);
  }
}
