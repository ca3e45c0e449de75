"""What one ad says about the job, as facts with their words: skills, seniority, places."""
