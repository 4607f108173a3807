"""The car on the bus and the head-unit services, for testing and demonstration."""
