"""From an ad and its arms to the plan that a person accepts, and the stored plans."""
