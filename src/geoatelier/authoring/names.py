"""The names that a piece of code assigns, and those that it needs from elsewhere."""

import ast
import builtins
import symtable
from collections.abc import Iterator

_ASSIGNMENTS = (ast.Assign, ast.AugAssign, ast.AnnAssign)
_GIVEN_BY_JUPYTER = {"display", "get_ipython", "__name__"}


def assigned(code: str) -> tuple[str, ...]:
    """Give the names that code binds at its top level, in order of first appearance.

    Raises
    ------
    SyntaxError
        If the code is not Python.
    """
    names = {}
    for node in _top_level_bindings(ast.parse(code)):
        for name in _bound_by(node):
            names.setdefault(name)
    return tuple(names)


def needed(code: str) -> set[str]:
    """Give the names that code reads without having bound them; builtins are left out.

    The body of a function is read when it is called: there, a name bound later on will do.

    Raises
    ------
    SyntaxError
        If the code is not Python.
    """
    anywhere, bound, missing = set(assigned(code)), set(), set()
    for statement in ast.parse(code).body:
        own = set(assigned(ast.unparse(statement)))
        now, inside = _names_read(statement)
        known = bound if isinstance(statement, _ASSIGNMENTS) else bound | own | _caught(statement)
        missing |= (now - known) | (inside - anywhere)
        bound |= own
    return missing - set(dir(builtins)) - _GIVEN_BY_JUPYTER


def has_star_import(code: str) -> bool:
    """Tell whether code imports names that cannot be known by reading it."""
    return any(
        isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names)
        for node in ast.walk(ast.parse(code))
    )


def _caught(statement: ast.stmt) -> set[str]:
    """Give the names of caught errors (`except … as name`), which Python forgets after their block."""
    return {node.name for node in ast.walk(statement) if isinstance(node, ast.ExceptHandler) and node.name}


def _names_read(statement: ast.stmt) -> tuple[set[str], set[str]]:
    """Give the names that a statement reads at once, and those that functions in it read when called."""
    top = symtable.symtable(ast.unparse(statement), "<cell>", "exec")
    now = {symbol.get_name() for symbol in top.get_symbols() if symbol.is_referenced()}
    if isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name):
        now.add(statement.target.id)
    inside = {
        symbol.get_name()
        for table in _tables_inside(top)
        for symbol in table.get_symbols()
        if symbol.is_referenced() and symbol.is_global()
    }
    return now, inside


def _tables_inside(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    for child in table.get_children():
        yield child
        yield from _tables_inside(child)


def _top_level_bindings(node: ast.AST) -> Iterator[ast.AST]:
    """Walk the code in order without entering functions, classes, lambdas and comprehensions."""
    for child in ast.iter_child_nodes(node):
        yield child
        closed = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
        if not isinstance(child, (*closed, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
            yield from _top_level_bindings(child)


def _bound_by(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.id
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Import | ast.ImportFrom):
        for alias in node.names:
            yield alias.asname or alias.name.split(".")[0]
    elif isinstance(node, ast.MatchAs | ast.MatchStar) and node.name:
        yield node.name
    elif isinstance(node, ast.MatchMapping) and node.rest:
        yield node.rest
