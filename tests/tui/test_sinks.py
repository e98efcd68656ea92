"""No text that is not ours reaches a sink of Textual that reads markup, seen from the syntax trees."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent / "tui"
SEEN = sorted(
    path
    for path in ROOT.rglob("*.py")
    if path.relative_to(ROOT).parts[0] not in {"cli", "studio", "media", "player", "__pycache__"}
)

WIDGETS = frozenset(
    {"Static", "Label", "Button", "Checkbox", "RadioButton", "Collapsible", "Link", "Toast", "Tab", "TabPane"}
    | {"OptionList", "SelectionList", "Option", "Selection", "Select", "Tree", "DataTable", "Digits"}
)
"""Widgets that read markup in what they are made with, unless they are told not to."""
CALLS = frozenset({"notify", "add_row", "add_column", "add_option", "add_options", "set_options", "add_leaf"})
TITLES = frozenset({"border_title", "border_subtitle", "tooltip"})
NAMES = frozenset({"id", "classes"})
"""Data makes bad names: a widget called by it stops the program (BadIdentifier)."""
MARKUP = frozenset({"from_markup", "Markdown", "MarkdownViewer", "render_markup"})
"""Never for text from outside; nothing of ours needs them."""

Finding = tuple[int, str]


def name_of(node: ast.expr) -> str:
    return ast.unparse(node).rpartition(".")[2]


def literal(node: ast.expr) -> bool:
    """A text that stands in the source, and in which no markup stands."""
    return isinstance(node, ast.Constant) and "[" not in str(node.value)


class Sinks(ast.NodeVisitor):
    """Collects every place where a text could be read as markup."""

    def __init__(self, tree: ast.Module) -> None:
        self.found: list[Finding] = []
        self._bases: list[set[str]] = []
        self._texts = {"Text", "Content"} | {
            node.name
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            and node.returns is not None
            and ast.unparse(node.returns) in {"Text", "Content", "Option"}
        }
        made = [
            node for node in ast.walk(tree) if isinstance(node, ast.Call) and name_of(node.func) in WIDGETS
        ]
        self._plain = bool(made) and all(plain(node) for node in made)
        """Whether every such widget of this module takes text as it is."""
        self.visit(tree)

    def safe(self, node: ast.expr) -> bool:
        """A literal, or a text that carries its styles beside it and is never parsed."""
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Call() as inner, attr="append")):
                return self.safe(inner)
            case ast.Call(func=func):
                # A widget in a widget is looked at by itself.
                return name_of(func) in self._texts | WIDGETS
            case ast.Starred(value=ast.GeneratorExp(elt=made) | ast.ListComp(elt=made)):
                return self.safe(made)
            case ast.Starred():
                return False
            case _:
                return literal(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._bases.append({name_of(base) for base in node.bases})
        self.generic_visit(node)
        self._bases.pop()

    def visit_Call(self, node: ast.Call) -> None:
        name = name_of(node.func)
        parent = ast.unparse(node.func) == "super().__init__" and self._bases and self._bases[-1] & WIDGETS
        if name in MARKUP:
            self.found.append((node.lineno, f"{name}() reads markup"))
        elif name in WIDGETS | CALLS or parent:
            self._check(node, plain(node))
        elif name == "update" and len(node.args) == 1 and not node.keywords:
            self._check(node, self._plain)
        for keyword in node.keywords:
            if keyword.arg == "markup" and ast.unparse(keyword.value) != "False":
                self.found.append((node.lineno, f"{name}() is asked to read markup"))
            if keyword.arg in TITLES and not self.safe(keyword.value):
                self.found.append((node.lineno, f"{keyword.arg} reads markup"))
            if keyword.arg in NAMES and name != "format" and not named(keyword):
                self.found.append((node.lineno, f"{keyword.arg} is made from data"))
            if name == "exit" and keyword.arg == "message" and not literal(keyword.value):
                self.found.append((node.lineno, "exit(message=) is written to the bare terminal"))
        self.generic_visit(node)

    def _check(self, node: ast.Call, told: bool) -> None:
        texts = [*node.args, *(word.value for word in node.keywords if word.arg in {"label", "content"})]
        if not told and not all(self.safe(text) for text in texts):
            self.found.append((node.lineno, f"{ast.unparse(node)[:60]} reads markup"))

    def visit_Assign(self, node: ast.Assign) -> None:
        for target in node.targets:
            if isinstance(target, ast.Attribute) and target.attr in TITLES and not self.safe(node.value):
                self.found.append((node.lineno, f"{target.attr} reads markup"))
        self.generic_visit(node)


def named(keyword: ast.keyword) -> bool:
    """Whether a name stands in the source, or is handed on as it was given."""
    return literal(keyword.value) or ast.unparse(keyword.value) == keyword.arg


def plain(node: ast.Call) -> bool:
    """Whether a call says that text is not to be parsed."""
    return any(word.arg == "markup" and ast.unparse(word.value) == "False" for word in node.keywords)


def findings(source: str) -> Iterator[Finding]:
    yield from Sinks(ast.parse(source)).found


def test_no_text_reaches_a_sink_that_reads_markup() -> None:
    assert len(SEEN) > 50
    found = {str(path.relative_to(ROOT)): list(findings(path.read_text())) for path in SEEN}
    assert {path: lines for path, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    "source",
    [
        "Static(job.detail)",
        "Static(f'[b]{name}[/b]')",
        "Static('[b]ours[/b]')",
        "Label(name, id='x')",
        "Button(label=name)",
        "self.notify(str(error), severity='warning')",
        "app.notify(f'{name} is saved')",
        "OptionList(*(project.name for project in projects))",
        "OptionList(*names)",
        "Option(project.name)",
        "widget.border_title = clip.prompt",
        "Pane(tooltip=name)",
        "Static(name, markup=True)",
        "Static(id=f'job-{job.id}', markup=False)",
        "Pane(classes=job.model)",
        "app.exit(message=job.detail)",
        "Static()\nself.query_one('#x', Static).update(clip.prompt)",
        "table.add_row(job.model, job.detail)",
        "Text.from_markup(f'[b]{name}')",
        "Markdown(reply)",
        "class Note(Static):\n    def __init__(self, text):\n        super().__init__(text)",
    ],
)
def test_raw_data_in_a_sink_is_found(source: str) -> None:
    assert len(list(findings(source))) >= 1


@pytest.mark.parametrize(
    "source",
    [
        "Static('plain words')",
        "Static(id='x', markup=False)",
        "super().__init__(id=id, classes=classes)",
        "app.exit(farewell)",
        "Static(Text(job.detail))",
        "Static(Text('a ').append(job.detail, 'dim'))",
        "self.notify(str(error), markup=False)",
        "Static(markup=False)\nself.query_one('#x', Static).update(clip.prompt)",
        "def line(p) -> Text: ...\nOptionList(*(Option(line(p)) for p in projects))",
        "OptionList(*(choice.label for choice in choices), markup=False)",
        "class Note(Static):\n    def __init__(self, text):\n        super().__init__(text, markup=False)",
        "known.update({1: 2}, more=3)",
    ],
)
def test_what_is_not_parsed_passes(source: str) -> None:
    assert list(findings(source)) == []
