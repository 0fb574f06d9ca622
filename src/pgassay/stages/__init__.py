"""What a review is made of, one module for each stage; `pgassay.pipeline` puts them together."""
