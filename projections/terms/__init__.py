"""The words that questions are written in: what is seen, which policy holds, periods, amounts."""
