"""The contract: typed vehicle APIs, calls, plans, signals and the formats they travel in.

The bottom layer. It imports nothing else of this project and does no I/O at import.
"""
