"""git: the one place that runs it; worktrees, commits, diffs. Import the module you need."""
