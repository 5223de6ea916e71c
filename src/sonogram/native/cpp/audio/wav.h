// WAV as nearly everything writes it: 16 bits, one `fmt ` and one `data` chunk, whole.
#pragma once

#include "sndfile.h"

// A reader, or null where anything is unusual: that is libsndfile's to judge.
SoundReader* open_plain_wav(const Bytes& bytes);
