"""Application code -> usages of tables, columns, functions.

The parsers are imported only where there is code to read.
"""
