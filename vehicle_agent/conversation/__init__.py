"""A turn: what was said, what it comes to, what is asked back, what is answered."""
