"""Backends: each turns a judged call into frames or messages and reads back what the car then reports."""
