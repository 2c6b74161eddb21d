"""What rows mean: states, colours, measures and breaches of rules, judged in SQL."""
