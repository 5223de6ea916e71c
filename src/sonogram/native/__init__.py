"""The shared C++ library, below every package that calls it."""
