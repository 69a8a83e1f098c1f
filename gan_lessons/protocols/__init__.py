"""What lessons 12 to 16, their exercises and their studies share: models, baselines and measures
that take data as arguments.
"""
