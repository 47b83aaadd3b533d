"""The parts of a policy, and the words that cross the border: plain values and small objects. Nothing here reads text or knows a case."""
