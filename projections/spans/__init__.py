"""What was judged ahead: from which day to which day everything is in which state."""
