"""The shared library in C++: loaded once, below everything that calls it."""
