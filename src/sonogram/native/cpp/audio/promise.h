// What a header promises, where libsndfile does not check it: it shortens a recording silently.
#pragma once

#include <string>

#include "bytes.h"

// What is missing, in a few words, or "" where nothing is or the format is another.
std::string broken_promise(const Bytes& bytes);
