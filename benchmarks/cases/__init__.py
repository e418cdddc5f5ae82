"""Small databases with a workload and every sensible answer, one for each kind of index and each trap."""
