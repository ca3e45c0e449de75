"""What segmentation knows before it has seen a text: taxonomy, lexicons, labellers, reference model."""
