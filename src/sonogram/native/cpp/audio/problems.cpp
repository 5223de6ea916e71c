#include "problems.h"

#include <stdio.h>

#include <algorithm>

#include "sonogram_audio.h"

namespace sonogram {
namespace {

std::vector<std::string>* const sentences = new std::vector<std::string>;  // threads may outlive statics

}  // namespace

std::string seconds_of(int64_t sample, int32_t sample_rate) {
  char seconds[32];
  snprintf(seconds, sizeof seconds, "%.6g", (double)sample / sample_rate);
  return seconds;
}

std::string sentence(const std::string& name, const SoundError& error) {
  std::string text = (size_t)error.problem < sentences->size() ? (*sentences)[error.problem] : "not readable";
  for (size_t i = 0; i < error.details.size(); ++i) {
    const std::string field = "{" + std::to_string(i) + "}";
    const size_t place = text.find(field);
    if (place != std::string::npos) text.replace(place, field.size(), error.details[i]);
  }
  text = name + ": " + text;
  std::replace(text.begin(), text.end(), '\n', ' ');
  std::replace(text.begin(), text.end(), '\0', '?');
  return text;
}

}  // namespace sonogram

using namespace sonogram;

int32_t sonogram_use_sentences(const char* const* templates, int32_t count) {
  sentences->assign(templates, templates + count);
  return NUM_PROBLEMS;
}
