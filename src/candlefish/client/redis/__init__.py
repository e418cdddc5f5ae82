"""One multiplexed connection to each Redis node, and how the nodes are found."""
