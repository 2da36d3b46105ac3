"""How `factory-ls diagnose` prints a report: one file a format."""
