"""What is known before any text is read: taxonomy, lexicons, labellers, reference model."""
