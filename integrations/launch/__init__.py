"""The ways in: every profile ends in one `LaunchContext`."""
