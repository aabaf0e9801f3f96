"""Charts and tables from released results: each with its title, how to read it, and the same numbers in rows."""
