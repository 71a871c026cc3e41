"""The demo: shops to look at and a publisher that never tires."""
