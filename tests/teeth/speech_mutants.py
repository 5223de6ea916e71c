"""The breaks of `make teeth` in speech recognition."""

from front_end_mutants import Mutant

SPEECH = (
    Mutant(
        "repeated symbols need no blank between them",
        "decoding/reference.py",
        "before = prefix.blank if prefix.classes[-1:] == (symbol,) else total",
        "before = total",
        "tests/decoding/test_beam.py equals_brute_force and numpy",
    ),
    Mutant(
        "words end where the model puts them",
        "inference/segments.py",
        "begin + int(left[-1]) + 1 if len(left) else begin,",
        "begin,",
        "tests/inference/test_segments.py reach_to_the_silence",
    ),
    Mutant(
        "the CTC loss counts padded frames",
        "models/ctc.py",
        "spoken = _spoken(logits, ops.maximum(frames, 1), symbols",
        "spoken = _spoken(logits, ops.full_like(frames, ops.shape(logits)[1]), symbols",
        "tests/models/test_recognizer.py all_alignments",
    ),
    Mutant(
        "a repeated symbol needs no frame for the blank before it",
        "training/utterances.py",
        "return len(classes) + int(np.sum(classes[1:] == classes[:-1]))",
        "return len(classes)",
        "tests/training/test_recognition.py needs_a_blank",
    ),
    Mutant(
        "the embeddings at the end of a clip depend on its padding",
        "models/embeddings.py",
        "return features * inside + _silence() * (1.0 - inside)",
        "return features",
        "tests/models/test_recognizer.py padding_of_a_backbone",
    ),
    Mutant(
        "joined recordings are embedded again in each epoch",
        "training/recognition.py",
        "number = step % utterances.steps",
        "number = step",
        "tests/cli/test_backbone.py one_epoch_only",
    ),
    Mutant(
        "voices differ by the mean of their embeddings",
        "models/embeddings.py",
        "([blocks.mask_frames(x - mean, valid), valid])",
        "([x, valid])",
        "tests/models/test_recognizer.py mean_of_a_long_utterance",
    ),
    Mutant(
        "the mean of one word is subtracted as a whole",
        "models/embeddings.py",
        "(count / (count + _MEAN_OF_ALL))",
        "(count / count)",
        "tests/models/test_recognizer.py mean_of_a_long_utterance",
    ),
    Mutant(
        "the padding has the highest value of a sound",
        "models/pretrained.py",
        "highest = ops.max(features - below, axis=1)",
        "highest = ops.max(features, axis=1)",
        "tests/models/test_pretrained.py summary",
    ),
    Mutant(
        "a streamed network takes the time before a sound for silence",
        "models/logit_stream.py",
        "valid = (place >= self._before - self._start) & (place < count)",
        "valid = place < count",
        "tests/models/test_logit_stream.py logits_of_the_whole",
    ),
    Mutant(
        "recordings of different groups are joined",
        "training/utterances.py",
        "groups.setdefault(clip.group, []).append(index)",
        "groups.setdefault(None, []).append(index)",
        "tests/training/test_recognition.py strings_of_one_group",
    ),
)
