"""One module for each library that is compared: how its users open it, and how they get and load through it.

Every module has the functions of the benchmarks that it takes part in:

    open_get(door, tasks, **options) -> get(key) -> bytes | None
    fill_get(door, items, **options)            keep the values that `get` is to find, in the library's own form
    open_get_or_load(door, tasks, loader, **options) -> get_or_load(number) -> the value
"""
