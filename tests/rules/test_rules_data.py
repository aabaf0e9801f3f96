"""Every rule file: a source and a grade on each rule, printed assumptions, and what the room may import."""

import ast
import tomllib
from pathlib import Path

import pandas as pd
import pytest

import kit.rules
from kit.errors import KitError
from kit.rules.assumptions import Assumption, assumed, assumption_texts

FOLDER = Path(kit.rules.__file__).parent
TABLES = sorted(FOLDER.glob("*.csv"))
FILES = sorted(FOLDER.glob("*.toml"))


@pytest.mark.parametrize("path", TABLES, ids=lambda p: p.name)
def test_each_row_has_a_source_and_a_grade(path):
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    assert len(table) > 0
    assert (table["source"].str.len() > 5).all()
    assert table["grade"].isin(list("ABCD")).all()


def rules_in(node, name=""):
    """Yield every table of a TOML file that states a rule: it holds a number or a list of its own."""
    for key, value in node.items():
        if isinstance(value, dict) and not {"absent_multiplier", "suspensions", "failed_subjects"} & set(value):
            if "source" in value or any(not isinstance(v, dict | list) for v in value.values()):
                yield f"{name}{key}", value
            yield from rules_in(value, f"{name}{key}.")
        elif isinstance(value, list) and value and isinstance(value[0], dict) and "source" in value[0]:
            for item in value:
                yield f"{name}{key}.{item.get('name', item.get('id', ''))}", item


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_each_rule_of_a_file_has_a_source(path):
    stated = dict(rules_in(tomllib.loads(path.read_text(encoding="utf-8"))))
    assert stated
    plain = {"labels", "indicators", "indicators.groups_from_year"}
    plain |= {n for n in stated if n.startswith(("set.", "rule_set.")) and n.count(".") > 1}
    for name, rule in stated.items():
        if name not in plain:
            assert rule.get("source"), f"{path.name}: {name}"
            assert rule.get("grade") in set("ABCD"), f"{path.name}: {name}"


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_each_assumption_prints_its_alternative(path):
    raw = tomllib.loads(path.read_text(encoding="utf-8"))["assumption"]
    for a in assumed(path.name, *(r["id"] for r in raw)):
        assert isinstance(a, Assumption)
        assert a.grade in "BCD"
        assert str(a).startswith(f"ASSUMPTION ({a.grade}): ")
        assert a.alternative in assumption_texts([a])[0]


def test_an_unknown_assumption_is_an_error():
    with pytest.raises(KitError, match="no assumption"):
        assumed("core.toml", "nothing")


def test_a_table_with_assumptions_can_be_written(tmp_path):
    table = pd.DataFrame({"a": [1]})
    table.attrs["assumptions"] = assumption_texts(assumed("core.toml", "deciles"))
    table.to_parquet(tmp_path / "t.parquet")
    assert pd.read_parquet(tmp_path / "t.parquet").attrs["assumptions"][0].startswith("ASSUMPTION (D)")


def test_the_room_needs_neither_records_nor_an_engine():
    allowed = {"kit.errors", "kit.language", "kit.measures.registry"}
    for path in FOLDER.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module]
            elif isinstance(node, ast.Import):
                names = [a.name for a in node.names]
            for name in names:
                assert not name.startswith(("ibis", "duckdb", "sqlalchemy")), (path.name, name)
                if name.startswith("kit."):
                    assert name in allowed or name.startswith("kit.rules"), (path.name, name)


def test_the_public_surface_is_there():
    for name in kit.rules.__all__:
        assert hasattr(kit.rules, name)
    assert kit.rules.__all__ == sorted(kit.rules.__all__)
