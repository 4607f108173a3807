"""Scoring of plans against labelled utterances."""
