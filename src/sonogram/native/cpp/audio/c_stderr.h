// Silence for what the MP3 decoder inside libsndfile prints about broken files.
#pragma once

namespace sonogram {

// Discards what C code prints on `stderr`. Those of several threads may overlap: the first one in
// silences, the last one out restores.
class CStderr {
 public:
  explicit CStderr(bool silent);
  ~CStderr();
  CStderr(const CStderr&) = delete;
  CStderr& operator=(const CStderr&) = delete;

 private:
  bool silent_;
};

}  // namespace sonogram
