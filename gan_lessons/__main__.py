"""`python -m gan_lessons doctor`: is this machine ready for the course?

`python -m gan_lessons grade submissions --out grades.csv`: check a class's exercises.
"""

import argparse


def main():
    parser = argparse.ArgumentParser(
        prog="python -m gan_lessons", description="The GAN course's helper."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("doctor", help="say whether this machine is ready, and what to mend")
    grade = commands.add_parser("grade", help="check a folder of submitted exercises")
    grade.add_argument("folder", help="notebooks, or one folder of notebooks for each learner")
    grade.add_argument("--out", default="grades.csv", help="the table (default: grades.csv)")
    grade.add_argument("--jobs", type=int, default=2, help="notebooks at a time (default: 2)")
    grade.add_argument("--seconds", type=int, default=120, help="for each cell (default: 120)")
    grade.add_argument("--total", type=int, default=600, help="for a notebook (default: 600)")
    grade.add_argument("--megabytes", type=int, default=4000, help="memory (default: 4000)")
    asked = parser.parse_args()
    if asked.command == "doctor":
        from gan_lessons import runtime

        raise SystemExit(0 if runtime.doctor() else 1)
    from gan_lessons.grading.grade import grade

    limits = {"seconds": asked.seconds, "total": asked.total, "megabytes": asked.megabytes}
    grade(asked.folder, asked.out, asked.jobs, limits | {"characters": 1_000_000})


if __name__ == "__main__":
    main()
