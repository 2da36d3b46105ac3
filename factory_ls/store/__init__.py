"""SQLite: one writer, readers that never wait for it, migrations, and what is kept."""
