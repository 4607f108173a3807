"""What knows both the agent and the simulated car: trying, playing, measuring."""
