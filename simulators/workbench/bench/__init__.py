"""`bench`: how fast and how large the agent is, stage by stage, on this computer."""
