"""Life and sockets: one hub a user and database, found or started by every `factory-ls` an editor runs."""
