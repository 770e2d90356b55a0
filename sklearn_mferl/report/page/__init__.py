"""From figures and tables to one HTML file."""
