"""The pull request: what to review, what to write there, and the writing itself."""
