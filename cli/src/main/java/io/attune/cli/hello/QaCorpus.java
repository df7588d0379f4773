package io.attune.cli.hello;

import io.attune.document.Document;
import java.util.List;
import java.util.Set;

/// Answers to search in, and questions with the answers that are right for them.
///
/// @param name what people see, such as `help-desk`
/// @param answers distinct answers, in the order of the file
/// @param questions distinct questions, in the order of the file
public record QaCorpus(String name, List<Answer> answers, List<Question> questions) {
  public QaCorpus {
    answers = List.copyOf(answers);
    questions = List.copyOf(questions);
  }

  /// The side of the split a question is on; a question never changes sides.
  public enum Split {
    /// Feedback and tuning may use it.
    TRAIN,
    /// Only scores may use it.
    TEST
  }

  /// An answer that is indexed.
  ///
  /// @param id unique in the corpus
  /// @param topic what it is about; empty where the file does not say
  /// @param text the answer
  public record Answer(String id, String topic, String text) {
    /// The document that is indexed.
    Document toDocument() {
      Document document = Document.create().id(id).text(text);
      return topic.isEmpty() ? document : document.tag("topic", topic);
    }
  }

  /// A question.
  ///
  /// @param text the question
  /// @param answerIds the ids of the answers that are right; at least one
  /// @param wrongAnswerId the id of an answer that is known to be wrong; empty where none is
  /// @param split its side of the split
  public record Question(String text, Set<String> answerIds, String wrongAnswerId, Split split) {
    public Question {
      answerIds = Set.copyOf(answerIds);
    }
  }

  /// The questions of one side, in the order of the file.
  public List<Question> questions(Split split) {
    return questions.stream().filter(question -> question.split() == split).toList();
  }
}
