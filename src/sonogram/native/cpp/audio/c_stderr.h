// Suppresses the messages that the MP3 decoder inside libsndfile prints about broken files.
#pragma once

namespace sonogram {

// Discards what C code prints on `stderr` during the lifetime of the object. Objects of several threads
// may overlap: the first one redirects `stderr`, and the last one restores it.
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
