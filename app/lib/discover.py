"""Import of all modules of a package, so that their declarations are registered."""

from importlib import import_module
from pkgutil import walk_packages
from types import ModuleType


def import_all(package: ModuleType) -> list[ModuleType]:
    """Import all modules of *package* in name order, except migrations, which Alembic loads."""
    prefix = f"{package.__name__}."
    names = [info.name for info in walk_packages(package.__path__, prefix) if ".migrations" not in info.name]
    return [import_module(name) for name in sorted(names)]
