"""The daemon's life: D-Bus server and client, ears, systemd."""
