"""Longer runs whose results the lessons show: each module is a command, `python -m
gan_lessons.studies.NAME`.
"""
