"""Training data: writers' sentences, lexicons, and what makes training examples of them."""
