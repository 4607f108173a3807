"""Text to plan: the functional-token model in llama.cpp under a constraint compiled from the catalogue."""
