"""What editors see: one file a feature, handlers of a few lines over `factory/`."""
