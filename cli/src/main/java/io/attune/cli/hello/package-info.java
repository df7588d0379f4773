/// The main job, `attune hello qa`: index answers, ask questions, score. Start at
/// [io.attune.cli.hello.QaCorpus].
@NullMarked
package io.attune.cli.hello;

import org.jspecify.annotations.NullMarked;
