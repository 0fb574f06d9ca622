"""The rules: pages and checks with one stem, loaded or refused."""
