"""Read models over both clocks, and the SQL by which every question is answered from them.

From below: `folding` makes facts into rows, `terms` are the words of questions, `views` the read
models, `judging` what their rows mean, `spans` what was judged ahead, and `answers` how the types
and roots of the contract are read. Each imports only from those before it.
"""
