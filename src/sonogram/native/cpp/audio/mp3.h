// MP3 without a stated length, which libsndfile alone would cut.
#pragma once

#include "bytes.h"

// Whether the first frame states the number of frames.
bool mp3_states_length(const Bytes& bytes);

// Where the last whole frame ends.
int64_t mp3_end_of_frames(const Bytes& bytes);
