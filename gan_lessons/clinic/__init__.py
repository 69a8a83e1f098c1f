"""What is wrong with a run? Signs, patients and exercises of the eye.

`diagnosis` reads a `training.History`, `drills` shows the losses of stored runs, and `ward` holds
the patients of lesson 06.
"""

from gan_lessons.clinic.diagnosis import diagnose
from gan_lessons.clinic.drills import loss_drill

__all__ = ["diagnose", "loss_drill"]
