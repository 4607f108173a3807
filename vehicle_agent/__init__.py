"""The asyncio shell: voice, planning, executor, backends, daemon and command line."""
