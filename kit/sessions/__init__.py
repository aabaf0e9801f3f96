"""Agendas that coaches edit, the clock of a session, and who goes where in a data carousel."""
