"""The reference application: its data, its workload, its optimisation, and the demo that measures them."""
