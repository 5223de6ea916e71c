// Prefix beam search. Every sum has the order of the reference in Python, so that both give the same bits.
#include <math.h>
#include <stddef.h>

#include <algorithm>
#include <limits>
#include <new>
#include <vector>

#include "sonogram_decoding.h"

namespace {

constexpr double NEVER = -std::numeric_limits<double>::infinity();
constexpr int32_t OFF = -1;

double add(double one, double other) {
  const double high = std::max(one, other), low = std::min(one, other);
  return low == NEVER ? high : high + log1p(exp(low - high));
}

// Returns the place of a key among the sorted keys of a state or node; OFF where it is not there.
int32_t find(const int32_t* keys, const int32_t* begins, int32_t state, int32_t key) {
  const int32_t* end = keys + begins[state + 1];
  const int32_t* place = std::lower_bound(keys + begins[state], end, key);
  return place != end && *place == key ? (int32_t)(place - keys) : OFF;
}

// Where a prefix is in the scoring.
struct Place {
  int32_t node;   // of the trie; OFF where no word continues so
  int32_t state;  // of the language model
};

class Scorer {
 public:
  explicit Scorer(const sonogram_scoring& scoring) : s_(scoring) {}

  // Moves by a symbol; returns what it adds.
  double step(Place& place, int32_t symbol) const {
    double extra = s_.symbol_scores[symbol];
    if (symbol == s_.boundary) {
      extra += end_word(place);
      place.node = 0;
    } else if (s_.boundary != OFF) {
      const int32_t following = child(place.node, symbol);
      if (following == OFF && s_.only_words) return NEVER;
      extra += potential(following) - potential(place.node);
      place.node = following;
    }
    if (s_.per_symbol) {
      const double score = token(place.state, symbol);
      extra += score + s_.bonus;
    }
    return extra;
  }

  // Returns what the end of the text adds.
  double end(Place place) const {
    const double extra = s_.boundary != OFF ? end_word(place) : 0;
    return extra + token(place.state, s_.automaton.end);
  }

 private:
  double end_word(Place& place) const {
    if (place.node == 0) return 0;  // no word: a space at the beginning, or a second one
    const int32_t word = place.node == OFF ? OFF : s_.trie.tokens[place.node];
    if (word == OFF && s_.only_words) return NEVER;
    const double extra = (place.node == OFF ? 0 : s_.trie.boosts[place.node]) - potential(place.node);
    if (s_.per_symbol) return extra;
    const double score = token(place.state, word == OFF ? s_.automaton.unknown : word);
    return extra + (score + s_.bonus);
  }

  double token(int32_t& state, int32_t token) const {
    const sonogram_automaton& a = s_.automaton;
    double total = 0;
    for (;;) {
      const int32_t arc = find(a.tokens, a.begins, state, token);
      if (arc != OFF) {
        state = a.following[arc];
        return total + a.scores[arc];
      }
      total += a.backoffs[state];
      state = a.shorter[state];
    }
  }

  int32_t child(int32_t node, int32_t symbol) const {
    if (node == OFF) return OFF;
    const int32_t arc = find(s_.trie.classes, s_.trie.begins, node, symbol);
    return arc == OFF ? OFF : s_.trie.children[arc];
  }

  double potential(int32_t node) const { return node == OFF ? 0 : s_.trie.potentials[node]; }

  const sonogram_scoring& s_;
};

// The texts found so far, as a tree: each text is once in it.
class Texts {
 public:
  Texts() : nodes_(1) {}

  int32_t child(int32_t parent, int32_t symbol) {
    for (int32_t each = nodes_[(size_t)parent].first; each != OFF; each = nodes_[(size_t)each].next) {
      if (nodes_[(size_t)each].symbol == symbol) return each;
    }
    nodes_.push_back({parent, symbol, nodes_[(size_t)parent].length + 1, OFF, nodes_[(size_t)parent].first});
    return nodes_[(size_t)parent].first = (int32_t)nodes_.size() - 1;
  }
  int32_t parent(int32_t text) const { return nodes_[(size_t)text].parent; }
  int32_t last(int32_t text) const { return nodes_[(size_t)text].symbol; }
  int32_t write(int32_t text, int32_t* to) const {
    const int32_t length = nodes_[(size_t)text].length;
    for (int32_t place = length; place-- > 0; text = parent(text)) to[place] = last(text);
    return length;
  }

 private:
  struct Node {
    int32_t parent = OFF, symbol = 0, length = 0;  // symbol 0: the empty text
    int32_t first = OFF, next = OFF;               // child, sibling
  };
  std::vector<Node> nodes_;
};

struct Prefix {
  int32_t text;
  double blank, symbol;  // logarithms: of the paths that end in a blank, in the last symbol
  Place place;
  double extra;
};

// A prefix of the next frame: `from` of this frame, and a symbol; 0 for none.
struct Candidate {
  double score;
  int32_t from, symbol;
  double path;  // of the symbol alone, where there is one
  double extra;
  Place place;
};

bool better(const Candidate& one, const Candidate& other) {
  if (one.score != other.score) return one.score > other.score;
  return one.from != other.from ? one.from < other.from : one.symbol < other.symbol;
}

class Search {
 public:
  Search(const sonogram_scoring& scoring, int32_t classes, int32_t width)
      : scorer_(scoring), classes_(classes), width_((size_t)width) {
    beam_.push_back({0, 0, NEVER, {0, scoring.automaton.start}, 0});
  }

  void advance(const double* frame) {
    stayed_.clear();
    candidates_.clear();
    for (const Prefix& each : beam_) {
      const int32_t last = texts_.last(each.text);
      Prefix same = each;
      same.blank = add(each.blank, each.symbol) + frame[0];
      same.symbol = each.symbol + (last ? frame[last] : 0);
      stayed_.push_back(same);
    }
    for (size_t from = 0; from < beam_.size(); from++) lengthen((int32_t)from, frame);
    for (size_t from = 0; from < stayed_.size(); from++) {
      const Prefix& p = stayed_[from];
      candidates_.push_back({add(p.blank, p.symbol) + p.extra, (int32_t)from, 0, 0, 0, p.place});
    }
    const size_t kept = std::min(width_, candidates_.size());
    std::partial_sort(candidates_.begin(), candidates_.begin() + (ptrdiff_t)kept, candidates_.end(), better);
    next_.clear();
    for (size_t index = 0; index < kept; index++) {
      const Candidate& c = candidates_[index];
      const Prefix& p = stayed_[(size_t)c.from];
      next_.push_back(c.symbol ? Prefix{texts_.child(p.text, c.symbol), NEVER, c.path, c.place, c.extra} : p);
    }
    beam_.swap(next_);
  }

  int32_t finish(int64_t stride, int32_t* lengths, int32_t* texts, double* totals) {
    std::vector<std::pair<double, size_t>> ended;
    for (size_t index = 0; index < beam_.size(); index++) {
      const Prefix& p = beam_[index];
      ended.push_back({-(add(p.blank, p.symbol) + p.extra + scorer_.end(p.place)), index});
    }
    std::sort(ended.begin(), ended.end());
    for (size_t place = 0; place < ended.size(); place++) {
      totals[place] = -ended[place].first;
      lengths[place] = texts_.write(beam_[ended[place].second].text, texts + (int64_t)place * stride);
    }
    return (int32_t)ended.size();
  }

 private:
  void lengthen(int32_t from, const double* frame) {
    const Prefix& p = beam_[(size_t)from];
    const double total = add(p.blank, p.symbol);
    const int32_t last = texts_.last(p.text);
    children_.assign((size_t)classes_, OFF);
    for (size_t index = 0; index < beam_.size(); index++) {
      if (texts_.parent(beam_[index].text) == p.text) children_[(size_t)texts_.last(beam_[index].text)] = (int32_t)index;
    }
    for (int32_t symbol = 1; symbol < classes_; symbol++) {
      // Between two equal symbols there must be a blank.
      const double path = (symbol == last ? p.blank : total) + frame[symbol];
      if (children_[(size_t)symbol] != OFF) {
        Prefix& same = stayed_[(size_t)children_[(size_t)symbol]];
        same.symbol = add(same.symbol, path);
        continue;
      }
      Place place = p.place;
      const double extra = p.extra + scorer_.step(place, symbol);
      const double score = path + extra;
      if (score > NEVER) candidates_.push_back({score, from, symbol, path, extra, place});
    }
  }

  Scorer scorer_;
  int32_t classes_;
  size_t width_;
  Texts texts_;
  std::vector<Prefix> beam_, stayed_, next_;
  std::vector<Candidate> candidates_;
  std::vector<int32_t> children_;  // of one prefix: the place in the beam of each that is one symbol longer
};

}  // namespace

int32_t sonogram_beam_search(const double* scores, int64_t frames, int32_t classes, const sonogram_scoring* scoring,
                             int32_t width, int32_t* lengths, int32_t* texts, double* totals) {
  try {
    Search search(*scoring, classes, width);
    for (int64_t frame = 0; frame < frames; frame++) search.advance(scores + frame * classes);
    return search.finish(frames, lengths, texts, totals);
  } catch (const std::bad_alloc&) {
    return -1;
  }
}
