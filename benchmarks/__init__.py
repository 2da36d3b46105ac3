"""Figures, each against the nearest thing a user would otherwise run, as ratios of one run."""
