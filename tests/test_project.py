"""The project's configuration files agree with each other."""

import re

import yaml
from packaging.requirements import Requirement

from tools.sources import ROOT, pyproject, with_address

PROJECT = pyproject()["project"]
EXTRAS = PROJECT["optional-dependencies"]
CONDA = {"torch": "pytorch", "arch": "arch-py"}  # names that differ there


def requirements(*extras):
    """name -> lower bound, of the package and some of its extras."""
    lines = PROJECT["dependencies"] + [line for extra in extras for line in EXTRAS[extra]]
    return {r.name: str(r.specifier).removeprefix(">=") for r in map(Requirement, lines)}


def test_every_requirement_is_a_range_with_a_lower_bound():
    own = [line for extra, lines in EXTRAS.items() if extra != "all" for line in lines]
    for line in PROJECT["dependencies"] + own:
        assert re.fullmatch(r"[\w-]+>=[\d.]+", line), line


def test_a_requirement_has_one_lower_bound():
    for one in EXTRAS["lab"] + EXTRAS["grading"]:
        for other in EXTRAS["test"]:
            assert one == other or Requirement(one).name != Requirement(other).name


def test_all_names_every_extra_but_that_of_the_browser_tests():
    extras = [extra for extra in EXTRAS if extra not in ("all", "browser")]
    assert EXTRAS["all"] == [f"gan-lessons[{','.join(extras)}]"]


def test_environment_yml_agrees_with_pyproject():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    listed = [line for line in environment["dependencies"] if isinstance(line, str)]
    pip = [line for line in environment["dependencies"] if isinstance(line, dict)]
    wanted = requirements("lab", "full", "work", "test", "grading")
    expected = [f"python{PROJECT['requires-python']}", "pip"]
    expected += [f"{CONDA.get(name, name)}>={bound}" for name, bound in wanted.items()]
    assert environment["name"] == "gan-lessons"
    assert sorted(listed) == sorted(expected)
    assert pip == [{"pip": ["-e ."]}]


def test_the_oldest_versions_job_pins_the_lower_bounds():
    lines = (ROOT / ".github" / "oldest.txt").read_text(encoding="utf-8").splitlines()
    pins = dict(line.split("==") for line in lines if not line.startswith("#"))
    assert pins == requirements("test")


def test_the_versions_of_colab_lie_within_the_ranges():
    text = (ROOT / "tools" / "colab.txt").read_text(encoding="utf-8")
    pins = dict(re.findall(r"(?m)^([\w-]+)==(.+)$", text))
    wanted = PROJECT["dependencies"] + EXTRAS["full"] + ["ipykernel>=6.17"]
    for requirement in map(Requirement, wanted):
        assert requirement.specifier.contains(pins[requirement.name]), requirement
    assert re.search(r"\b20\d\d-\d\d-\d\d\b", text), "since when Colab has them"


def test_make_help_and_the_contributors_page_name_every_test_target():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for target in ("test", "test-browser", "test-colab"):
        assert re.search(rf"(?m)^{target}: ", makefile)
        assert f'@echo "make {target} ' in makefile
        assert f"`make {target}`" in page


def test_ci_runs_what_the_readme_promises():
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8"))
    jobs = workflow["jobs"]
    versions = jobs["fast"]["strategy"]["matrix"]["python"]
    lowest = PROJECT["requires-python"].removeprefix(">=")
    assert lowest in versions and lowest == jobs["oldest"]["env"]["PYTHON"]
    assert any(".ci/run" in step.get("run", "") for step in jobs["full"]["steps"])
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    for target in ("test", "test-browser"):
        assert re.search(rf"(?m)^stage \w+ make {target}( |$)", script)
    screenshots = next(s["with"] for s in jobs["full"]["steps"] if "upload" in s.get("uses", ""))
    assert screenshots["path"] == "build/screenshots"
    assert {"run": "make test-colab"} in jobs["colab"]["steps"]


def test_a_fork_gets_its_own_address_in_markdown_files():
    here = PROJECT["urls"]["Repository"].removeprefix("https://github.com/")
    text = (
        "git clone https://github.com/{0}\n(https://mybinder.org/v2/gh/{0}/main)"
        "(https://colab.research.google.com/github/{0}/blob/main/x.ipynb) git+https://github.com/{0}"
    )
    assert with_address(text.format("some/one")) == text.format(here)
    assert with_address("https://github.com/zalandoresearch/fashion-mnist").endswith("mnist")
