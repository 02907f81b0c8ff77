"""Budgets as ratios: every figure is taken beside a limit measured in the same run, on a real instance."""
