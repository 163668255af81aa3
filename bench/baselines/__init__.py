"""What we are compared with: honest programs, as an experienced engineer would write them without our design."""
