"""Import every module of a package, so that what it declares becomes known."""

from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType


def import_all(package: ModuleType) -> list[ModuleType]:
    """Import the modules and sub-packages of *package* in name order; Alembic loads its own folder itself."""
    return [
        import_module(f"{package.__name__}.{info.name}")
        for info in sorted(iter_modules(package.__path__), key=lambda info: info.name)
        if info.name != "migrations"
    ]
