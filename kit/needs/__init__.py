"""The needs assessment of data quality and use: instrument, ratings in, averages, and what a plan still lacks."""
