"""What agents are told of a wiki, and what they may do with it."""
