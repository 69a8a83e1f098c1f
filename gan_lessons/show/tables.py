"""Tables of numbers."""

import html

from IPython.display import display


def table(header, rows):
    """Show rows of cells: in a browser as a table that fits a narrow window, elsewhere as text.

    Parameters
    ----------
    header : list of str
        The heading of each column.
    rows : list of lists, as long as the header
        The first cell names the row. Each cell is shown as `str` writes it.
    """
    rows = [[str(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    lines = []
    for first, *others in (header, *rows):
        cells = [f"{text:>{width}s}" for text, width in zip(others, widths[1:], strict=True)]
        lines.append("  ".join([f"{first:{widths[0]}s}", *cells]).rstrip())
    top = "".join(f'<th scope="col">{html.escape(text)}</th>' for text in header)
    body = ""
    for first, *others in rows:
        cells = "".join(f"<td>{html.escape(x)}</td>" for x in others)
        body += f'<tr><th scope="row">{html.escape(first)}</th>{cells}</tr>'
    page = f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"
    display({"text/html": page, "text/plain": "\n".join(lines)}, raw=True)
