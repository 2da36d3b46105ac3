"""Where a line of the checked commit stands in the text a user has before them. Pure; import the module you need."""
