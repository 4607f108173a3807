"""Fuzzing of everything that parses: `python -m fuzz` from the folder tests/. README.md is the one page about it."""
