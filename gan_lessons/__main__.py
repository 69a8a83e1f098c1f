"""`python -m gan_lessons doctor`: is this machine ready for the course?"""

import argparse

from gan_lessons import runtime


def main():
    parser = argparse.ArgumentParser(
        prog="python -m gan_lessons", description="The GAN course's helper."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("doctor", help="say whether this machine is ready, and what to mend")
    parser.parse_args()
    raise SystemExit(0 if runtime.doctor() else 1)


if __name__ == "__main__":
    main()
