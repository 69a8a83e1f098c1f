"""The README's table of lessons, made from the notebooks: titles, measured minutes, badges."""

import re

from tools.sources import badge

TABLE = re.compile(r"(?s)(<!-- lessons -->\n).*(<!-- /lessons -->)")


def with_table(text, notebooks):
    """The README's text with a fresh table; `notebooks` maps each Book to its executed notebook."""
    if not TABLE.search(text):
        return text
    lessons = {book.source.stem: book for book in notebooks if book.is_lesson}
    exercises = {book.source.stem: book for book in notebooks if not book.is_lesson}
    rows = ["| Lesson | Minutes | Exercise | Colab |", "|---|---|---|---|"]
    for stem, book in sorted(lessons.items()):
        root, exercise = book.root, exercises.get(stem)
        links = [badge(root, book.executed)]
        practice = "none"
        if exercise:
            path = exercise.learner.relative_to(root).as_posix()
            practice = f"[{stem[:2]}]({path}), {minutes(notebooks[exercise])}"
            links.append(
                badge(root, exercise.learner).replace("Open in Colab", "Exercise in Colab")
            )
        name = f"[{stem[:2]} · {title(notebooks[book])}]({book})"
        rows.append(f"| {name} | {minutes(notebooks[book])} | {practice} | {' '.join(links)} |")
    return TABLE.sub(lambda m: m[1] + "\n".join(rows) + "\n" + m[2], text)


def title(notebook):
    """The notebook's first heading."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and (
            found := re.match(r"#\s+(?:\d\d\s*·?\s*)?(.+)", cell.source)
        ):
            return found[1].strip()
    raise SystemExit("A lesson has no heading.")


def minutes(notebook):
    """The measured time of a whole run, to a tenth of a minute."""
    return f"{max(notebook.metadata['gan_lessons']['seconds'] / 60, 0.1):.1f}"
