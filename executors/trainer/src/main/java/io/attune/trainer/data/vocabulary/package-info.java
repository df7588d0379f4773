/// Words as token ids, for models that learn their words from the training data. Start at
/// [WordVocabulary][io.attune.trainer.data.vocabulary.WordVocabulary].
@NullMarked
package io.attune.trainer.data.vocabulary;

import org.jspecify.annotations.NullMarked;
