"""What facts mean: kinds, dates, amounts, policies and judgements, as pure functions."""
