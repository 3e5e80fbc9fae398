from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from connectory.config import ConfigError, Settings, SignInSettings, load_settings, secret

EXAMPLE = Path(__file__).resolve().parent.parent / "config.example.toml"


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variable and no file of the machine has a say."""
    monkeypatch.delenv("CONNECTORY_CONFIG", raising=False)
    monkeypatch.delenv("CONNECTORY_DATABASE_URL", raising=False)
    monkeypatch.chdir(tmp_path)


def _written(folder: Path, text: str) -> Path:
    path = folder / "settings.toml"
    path.write_text(text, encoding="utf-8")
    return path


def _keys(values: dict[str, Any]) -> set[str]:
    return {f"{section}.{key}" for section, keys in values.items() for key in keys}


def test_the_example_lists_every_setting() -> None:
    """config.example.toml has each setting and no other."""
    example = tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))

    assert _keys(example) == _keys(Settings().model_dump())


def test_the_example_states_the_defaults() -> None:
    """Copying the example unchanged changes nothing."""
    assert load_settings(EXAMPLE) == Settings()


def test_every_setting_is_explained() -> None:
    """Each group of settings in the example stands under a comment."""
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()

    for number, line in enumerate(lines):
        if re.match(r"\w+ =", line):
            above = next(text for text in reversed(lines[:number]) if not re.match(r"\w+ =", text))
            assert above.startswith("# "), f"line {number + 1} has no comment: {line}"


def test_without_a_file_the_defaults_hold() -> None:
    """An installation without config.toml runs on the defaults."""
    assert load_settings() == Settings()


def test_config_toml_in_the_working_folder_is_read(tmp_path: Path) -> None:
    """The file in the working folder needs no naming."""
    (tmp_path / "config.toml").write_text("[dashboard]\nport = 9000\n", encoding="utf-8")

    assert load_settings().dashboard.port == 9000


def test_a_variable_names_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """CONNECTORY_CONFIG names the settings file."""
    path = _written(tmp_path, '[tenant]\nid = "11111111-2222-3333-4444-555555555555"\n')
    monkeypatch.setenv("CONNECTORY_CONFIG", str(path))

    assert load_settings().tenant.id == "11111111-2222-3333-4444-555555555555"


def test_a_variable_overrides_the_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """CONNECTORY_DATABASE_URL wins over the file."""
    path = _written(tmp_path, '[database]\nurl = "sqlite:///from-file.sqlite"\n')
    monkeypatch.setenv("CONNECTORY_DATABASE_URL", "sqlite:///from-variable.sqlite")

    assert load_settings(path).database.url == "sqlite:///from-variable.sqlite"


@pytest.mark.parametrize(
    ("text", "complaint", "place"),
    [
        ('[tenant]\nidd = "x"\n', "unknown setting", "tenant.idd"),
        ("[surprise]\nkey = 1\n", "unknown setting", "surprise"),
        ('[http]\nretries = "many"\n', "integer", "http.retries"),
        ("[http]\nretries = -1\n", "greater than or equal to 0", "http.retries"),
        ('[dashboard]\ntime_zone = "Mars/Olympus"\n', "no such time zone", "dashboard.time_zone"),
        ('[dashboard]\nhost = "0.0.0.0"\n', "loopback", "dashboard.host"),
        ('[sign_in]\nmethod = "password"\n', "client_secret", "sign_in.method"),
        ("[tenant\n", "not valid TOML", "line 1"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, text: str, complaint: str, place: str) -> None:
    """The error says what is wrong, in which file, and at which setting or line."""
    path = _written(tmp_path, text)

    with pytest.raises(ConfigError) as error:
        load_settings(path)

    assert complaint in str(error.value)
    assert str(path) in str(error.value)
    assert place in str(error.value)
    assert "\n" not in str(error.value)


def test_a_named_file_must_exist(tmp_path: Path) -> None:
    """A file asked for and not there is an error, not the defaults."""
    with pytest.raises(ConfigError, match="no such file"):
        load_settings(tmp_path / "absent.toml")


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    """Bytes that are no UTF-8 end in a settings error."""
    path = tmp_path / "settings.toml"
    path.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(ConfigError, match="not valid TOML"):
        load_settings(path)


def test_a_secret_comes_from_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """The secret is read from the variable the settings name."""
    monkeypatch.setenv("INVENTED_SECRET", "obviously-invented")

    assert secret(SignInSettings(secret_env="INVENTED_SECRET")) == "obviously-invented"


def test_a_secret_file_wins_over_the_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A named file is where the secret is, without its line end."""
    path = tmp_path / "secret"
    path.write_text("from-the-file\n", encoding="utf-8")
    monkeypatch.setenv("INVENTED_SECRET", "from-the-variable")

    found = secret(SignInSettings(secret_env="INVENTED_SECRET", secret_file=str(path)))

    assert found == "from-the-file"


def test_an_absent_secret_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither an empty variable nor an absent file passes for a secret."""
    monkeypatch.delenv("INVENTED_SECRET", raising=False)

    with pytest.raises(ConfigError, match="INVENTED_SECRET"):
        secret(SignInSettings(secret_env="INVENTED_SECRET"))
    with pytest.raises(ConfigError, match=r"sign_in\.secret_file"):
        secret(SignInSettings(secret_file=str(tmp_path / "absent")))
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00\x80")
    with pytest.raises(ConfigError, match=r"it is no text; .*binary; check sign_in\.secret_file"):
        secret(SignInSettings(secret_file=str(tmp_path / "binary")))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('names = {"*" = "All"}', "more than * and ?"),
        ('names = {" test" = "Tests"}', "begins or ends with a space"),
        ('names = {"test*" = ""}', "needs a reason"),
        ('names = {"test*" = "  "}', "needs a reason"),
        ('publishers = ["Microsoft*"]', "ignore.publishers"),
        ('environments = {"x" = 3}', "ignore.environments"),
        ('owners = {"x" = "y"}', "unknown setting"),
    ],
)
def test_a_wrong_ignore_list_is_refused(tmp_path: Path, text: str, words: str) -> None:
    """What would hide everything, or hide without a reason, is never taken up."""
    with pytest.raises(ConfigError) as told:
        load_settings(_written(tmp_path, f"[ignore]\n{text}\n"))

    assert words in str(told.value)
    assert "setting ignore." in str(told.value)


def test_an_ignore_list_is_read_with_its_reasons(tmp_path: Path) -> None:
    """Patterns keep their order and their signs."""
    place = _written(tmp_path, '[ignore]\nnames = {"[TEST]*" = "Tests", "tmp?" = "Throwaways"}\n')

    assert load_settings(place).ignore.rules().names == (
        ("[TEST]*", "Tests"),
        ("tmp?", "Throwaways"),
    )
