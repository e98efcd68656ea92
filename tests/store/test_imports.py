import subprocess
import sys

LIGHT = ["records", "states", "ids", "errors", "naming", "feed"]
HEAVY = ["store", "library", "boxes", "hashing", "lock"]


def loaded_by(*modules: str) -> set[str]:
    imports = "; ".join(f"import reelroom.store.{module}" for module in modules)
    program = f"import sys; {imports}; print(*(name.split('.')[0] for name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_the_plain_values_load_neither_the_database_nor_anything_from_outside() -> None:
    assert not loaded_by(*LIGHT) & {"aiosqlite", "sqlite3", "pydantic", "httpx", "textual"}


def test_the_whole_store_loads_without_pydantic() -> None:
    assert not loaded_by(*HEAVY) & {"pydantic", "httpx", "textual", "av"}
