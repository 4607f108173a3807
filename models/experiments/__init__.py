"""Small comparisons that decided how the planner is trained; results in models/LOG.md."""
