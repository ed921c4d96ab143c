"""Import every module of a package, so that what it declares becomes known."""

from importlib import import_module
from pkgutil import walk_packages
from types import ModuleType


def import_all(package: ModuleType) -> list[ModuleType]:
    """Import all modules below *package*, in name order; Alembic loads its own folder itself."""
    prefix = f"{package.__name__}."
    names = [info.name for info in walk_packages(package.__path__, prefix) if ".migrations" not in info.name]
    return [import_module(name) for name in sorted(names)]
