"""From the text of a pack to a policy, or to its mistakes: in keys, in phrases, in what they say together."""
