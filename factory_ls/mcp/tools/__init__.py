"""The tools, a file a group. `catalogue` lists them."""
