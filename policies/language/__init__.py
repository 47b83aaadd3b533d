"""From the text of a pack to a policy, or to every mistake in it at once: keys, phrases, checks."""
