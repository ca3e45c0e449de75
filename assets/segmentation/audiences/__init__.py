"""From an ad's segments to the arms of its audience."""
