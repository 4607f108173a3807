"""How the model comes to be: data, training, quantizing, evaluation. Run from a checkout."""
