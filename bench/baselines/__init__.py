"""What we are compared with: honest programs, as good as an experienced engineer would write them without our design."""
