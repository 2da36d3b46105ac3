"""GitHub through the user's `gh`: what is asked, and what the answers mean."""
