"""What can be worked out from published numbers by subtraction, and which to withhold so that it cannot."""
