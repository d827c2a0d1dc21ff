"""What visitors ask for: the form, free times, and each inquiry's own page."""
