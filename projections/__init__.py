"""Read models over both clocks, and the SQL by which every question is answered from them."""
