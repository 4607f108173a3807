"""Pure, synchronous safety logic: driving state, rules, the gate, the dialogue."""
