"""What must end when the car leaves the states that allow it."""
