"""The evaluation page: our planner, what it costs, and simpler ways of doing the same, measured in one run.

`python -m models.compare FOLDER_OR_FILES... --page docs/evaluation.md`; needs `pip install -e '.[compare]'`.
"""
