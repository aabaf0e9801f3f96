"""Reports: one page for each school, made from a notebook."""
