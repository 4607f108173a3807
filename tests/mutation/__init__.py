"""Mutation testing of `state_machines`: every small change of the safety logic must make a test fail. See README.md."""
