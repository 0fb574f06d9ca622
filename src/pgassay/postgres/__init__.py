"""Throwaway servers: where they come from, how they end, and what may run on them."""
