"""Pure: what was observed, what is remembered and what is allowed give one decision with its reason."""
