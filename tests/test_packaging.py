from __future__ import annotations

import importlib.metadata
import subprocess
import sys
import zipfile
from pathlib import Path

import alembic
import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = {"collectors", "connectory", "dashboard", "models"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built by the pinned build backend."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the wheel installs, beside the library that the migrations need."""
    folder = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    (folder / "alembic").symlink_to(Path(alembic.__file__).parent)
    return folder


def _run(installed: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={"PYTHONPATH": str(installed), "PATH": "/usr/bin:/bin", "HOME": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_wheel_holds_the_four_packages_and_no_other(installed: Path) -> None:
    """Nothing but our packages and their metadata is installed."""
    names = {path.name for path in installed.iterdir() if not path.name.endswith(".dist-info")}

    assert names - {"alembic"} == PACKAGES


def test_the_wheel_carries_migrations_and_example(installed: Path) -> None:
    """What is not code travels with the code that needs it."""
    inside = installed / "connectory" / "_alembic"
    migrations = {path.name for path in (ROOT / "alembic" / "versions").glob("*.py")}

    assert (inside / "env.py").is_file()
    assert {path.name for path in (inside / "versions").glob("*.py")} == migrations
    example = (installed / "connectory" / "config.example.toml").read_bytes()
    assert example == (ROOT / "config.example.toml").read_bytes()


def test_no_other_distribution_owns_our_names() -> None:
    """Each of our package names has one owner among everything installed."""
    owners = importlib.metadata.packages_distributions()

    for name in PACKAGES:
        assert set(owners.get(name, [])) <= {"connectory"}


def test_the_wheel_migrates_a_store_on_its_own(installed: Path, tmp_path: Path) -> None:
    """The command line of the installed wheel builds a store from the migrations inside it."""
    script = (
        "import sys, connectory.database as d; from connectory.cli import main; "
        "print(d.migrations_dir()); sys.argv = ['connectory', 'db', 'upgrade']; main()"
    )

    done = _run(installed, tmp_path, "-c", script)

    assert done.returncode == 0, done.stderr
    assert str(installed / "connectory" / "_alembic") in done.stdout
    assert (tmp_path / "var" / "connectory.sqlite").is_file()


def test_the_command_line_explains_itself(installed: Path, tmp_path: Path) -> None:
    """The installed command lists its commands."""
    script = (
        "import sys; from connectory.cli import main; sys.argv = ['connectory', '--help']; main()"
    )

    done = _run(installed, tmp_path, "-c", script)

    assert done.returncode == 0, done.stderr
    assert "collect" in done.stdout
