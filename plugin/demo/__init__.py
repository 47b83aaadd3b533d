"""The demo: everything on one machine, with two pretend record systems to raise from and to file in.

`python -m plugin.demo --port 8000` starts it. What lives here: the supervisor of the demo's processes, the pretend record systems
(`hosts/`) and the seeded data. What does not: anything a real installation needs; nothing outside this package imports it, apart
from the tests.
"""
