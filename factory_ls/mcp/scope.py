"""What the HTTP door leaves for those behind it."""

PEER_KEY = "factory.peer"
"""Of the ASGI scope: the Peer who asks."""
