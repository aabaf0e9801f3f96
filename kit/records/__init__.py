"""Records: what a data folder holds, read and checked."""
