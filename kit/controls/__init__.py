"""Widgets of the live notebooks: pickers, prompts and displays that follow them; they show and never calculate."""
