// Silence for what the MP3 decoder inside libsndfile prints about broken files.
#pragma once

// Discards what C code prints on `stderr`. Those of several threads may overlap: the first one in
// silences, the last one out restores.
class Quiet {
 public:
  explicit Quiet(bool wanted);
  ~Quiet();
  Quiet(const Quiet&) = delete;
  Quiet& operator=(const Quiet&) = delete;

 private:
  bool wanted_;
};
