"""What Claude sees: one file a group of tools, over the same functions of `factory/` that editors use.

`http` and `stdio` are the ways in; both import the `mcp` library only when they are called, for it takes half a second.
"""
