"""Three ordinary ways of doing the same: a prompted base model, the nearest training line, sentence templates."""
