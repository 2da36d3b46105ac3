"""argv to one of the other rooms: one file a command."""
