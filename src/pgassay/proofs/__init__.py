"""What is tried out on databases with rows in them, where the stages before only looked at the schema."""
