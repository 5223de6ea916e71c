// Lowers a definition to the tables of a program.
#pragma once

#include <memory>
#include <vector>

#include "program.h"

// A program and the tables that its pointers show.
struct Plan {
  Program program = {};
  std::vector<int> radices;
  std::vector<Leg> legs;
  std::vector<Run> runs;
  std::vector<float> mirror_twiddles, loose_twiddles;
  std::vector<Fold> folds;
  std::vector<Mirror> mirrors, loose;
  std::vector<Step> steps;
  std::vector<std::vector<float>> level_twiddles, level_roots;
  std::vector<uint32_t> positions, channel_places, pair_counts, term_counts;
  std::vector<Pair> pairs;
  std::vector<Term> terms;
  bool coprime = false;  // the first factor has no divisor in common with the others
};

std::unique_ptr<Plan> make_plan(const sonogram_definition& definition, int lanes);

// Floats of scratch that one thread needs.
int64_t scratch_size(const Program& program);
