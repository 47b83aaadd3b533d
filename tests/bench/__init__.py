"""`python -m tests.bench` (`make bench`): what the service costs, measured beside a bare floor in the same run. No test lives here.

Each figure is a module with `TITLE` and `measure(stage)`; `__main__` finds it by that. `stage` starts what is measured.
"""
