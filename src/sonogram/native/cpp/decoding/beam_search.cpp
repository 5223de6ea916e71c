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

  // Returns what a complete text adds.
  double text(const int32_t* symbols, int32_t length) const {
    Place place = start();
    double total = 0;
    for (int32_t index = 0; index < length; index++) total += step(place, symbols[index]);
    if (s_.boundary != OFF) total += end_word(place);
    return total + token(place.state, s_.automaton.end);
  }

  Place start() const { return {0, s_.automaton.start}; }

 private:
  double end_word(Place& place) const {
    if (place.node == 0) return 0;  // no word: the text is empty
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

// The texts found so far, as a tree: each text is once in it. Its root is the empty text, after a space.
class Texts {
 public:
  explicit Texts(int32_t space) : nodes_(1) { nodes_[0].symbol = space; }

  int32_t child(int32_t parent, int32_t symbol) {
    for (int32_t each = nodes_[(size_t)parent].first; each != OFF; each = nodes_[(size_t)each].next) {
      if (nodes_[(size_t)each].symbol == symbol) return each;
    }
    nodes_.push_back({parent, symbol, nodes_[(size_t)parent].length + 1, OFF, nodes_[(size_t)parent].first});
    return nodes_[(size_t)parent].first = (int32_t)nodes_.size() - 1;
  }
  int32_t parent(int32_t text) const { return nodes_[(size_t)text].parent; }
  int32_t last(int32_t text) const { return nodes_[(size_t)text].symbol; }
  size_t size() const { return nodes_.size(); }
  int32_t write(int32_t text, int32_t* to) const {
    const int32_t length = nodes_[(size_t)text].length;
    for (int32_t place = length; place-- > 0; text = parent(text)) to[place] = last(text);
    return length;
  }

 private:
  struct Node {
    int32_t parent = OFF, symbol = 0, length = 0;
    int32_t first = OFF, next = OFF;  // child, sibling
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
      : scorer_(scoring),
        classes_(classes),
        space_(scoring.boundary < classes ? scoring.boundary : OFF),
        width_((size_t)width),
        texts_(space_ == OFF ? 0 : space_) {
    beam_.push_back({0, 0, NEVER, scorer_.start(), 0});
  }

  void advance(const double* frame) {
    stayed_.clear();
    candidates_.clear();
    for (const Prefix& each : beam_) {
      const int32_t last = texts_.last(each.text);
      const double total = add(each.blank, each.symbol);
      Prefix same = each;
      same.blank = total + frame[0];
      // A second space adds nothing to a text, with a blank before it or without.
      same.symbol = (last == space_ ? total : each.symbol) + frame[last];
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
    struct Text {
      int32_t id;
      double total;
    };
    std::vector<Text> ended;
    std::vector<int32_t> place_of(texts_.size(), OFF);  // of each text: where it is in `ended`
    for (const Prefix& each : beam_) {
      const bool ends_in_space = each.text && texts_.last(each.text) == space_;
      const int32_t text = ends_in_space ? texts_.parent(each.text) : each.text;
      int32_t& place = place_of[(size_t)text];
      if (place == OFF) {
        place = (int32_t)ended.size();
        ended.push_back({text, NEVER});
      }
      double& total = ended[(size_t)place].total;
      total = add(total, add(each.blank, each.symbol));
    }
    for (Text& each : ended) each.total += scorer_.text(texts, texts_.write(each.id, texts));
    std::stable_sort(ended.begin(), ended.end(), [](const Text& a, const Text& b) { return a.total > b.total; });
    for (size_t place = 0; place < ended.size(); place++) {
      totals[place] = ended[place].total;
      lengths[place] = texts_.write(ended[place].id, texts + (int64_t)place * stride);
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
      if (symbol == last && symbol == space_) continue;
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
  int32_t classes_, space_;  // class of the space between words; OFF where there is none
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
