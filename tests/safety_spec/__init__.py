"""The normative safety specification as data, and a second, independent reading of it.

Nothing here imports the code under test: `oracle` decides from the YAML files alone.
"""
