"""Real outputs of real tools."""
