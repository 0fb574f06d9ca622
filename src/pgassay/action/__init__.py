"""One run of the GitHub Action: from what the runner hands over to a review, a summary, annotations and outputs."""
