"""The record of what happened: journal, drives, judging them anew."""
