// The C interface for decoding: the prefix beam search of CTC.
//
// What the fields mean, and the reference of the search, is in src/sonogram/decoding/scoring.py and reference.py.
#pragma once

#include "sonogram_native.h"

// A language model as states; -1 stands for none.
struct sonogram_automaton {
  const int32_t* begins;  // (states + 1) arcs of each state
  const int32_t* tokens;  // of each arc, rising within a state
  const double* scores;
  const int32_t* following;
  const double* backoffs;  // (states)
  const int32_t* shorter;  // (states)
  int32_t start, end, unknown;
  int32_t reserved;
};

// Words as paths of classes.
struct sonogram_trie {
  const int32_t* begins;  // (nodes + 1) arcs of each node
  const int32_t* classes;
  const int32_t* children;
  const int32_t* tokens;     // (nodes)
  const double* boosts;      // (nodes)
  const double* potentials;  // (nodes)
};

struct sonogram_scoring {
  const double* symbol_scores;  // (classes)
  int32_t boundary;
  int32_t only_words;
  int32_t per_symbol;
  int32_t reserved;
  double bonus;
  sonogram_trie trie;
  sonogram_automaton automaton;
};

// Writes the texts of the beam, best first: `lengths` (width), their classes, (width, frames), and `totals`
// (width). `scores` are logarithms of probabilities, (frames, classes). Returns the number of texts, or -1 where
// memory ran out.
SONOGRAM_API int32_t sonogram_beam_search(const double* scores, int64_t frames, int32_t classes,
                                          const sonogram_scoring* scoring, int32_t width, int32_t* lengths,
                                          int32_t* texts, double* totals);
