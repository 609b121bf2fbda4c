"""What dev/i18n says of a translation that would break a text."""

import importlib.util
from pathlib import Path

import polib
import pytest

spec = importlib.util.spec_from_file_location("i18n", Path(__file__).parents[1] / "dev/i18n.py")
i18n = importlib.util.module_from_spec(spec)
spec.loader.exec_module(i18n)


@pytest.mark.parametrize(
    ("text", "translation", "fault"),
    [
        ("Note", "", "not translated"),
        ("%(code)s needs %(minutes)s", "%(code)s necesita %(minutos)s", "placeholders"),
        ("%s hours", "horas", "placeholders"),
        ("80 %% of it", "80 % de eso", "placeholders"),
        ("{count} calls", "{cuenta} llamadas", "placeholders"),
        ("Press <b>Stop</b>", "Pulse <b>Parar", "tags"),
        ("Call", "Llamar ", "ends"),
        (" Call", "Llamar", "begins"),
    ],
)
def test_a_broken_translation_is_found(text, translation, fault):
    entry = polib.POEntry(msgid=text, msgstr=translation)
    assert fault in " ".join(i18n.faults(entry))


@pytest.mark.parametrize(
    ("text", "translation"),
    [
        ("%(code)s needs %(minutes)s", "A %(minutes)s le falta %(code)s"),
        ('<a title="Call">Call %s</a>', '<a title="Llamar">Llamar %s</a>'),
        ("NPI", "NPI"),
    ],
)
def test_a_good_one_is_not(text, translation):
    assert not list(i18n.faults(polib.POEntry(msgid=text, msgstr=translation)))


def test_a_guess_is_no_translation():
    entry = polib.POEntry(msgid="Call", msgstr="Llamar", flags=["fuzzy"])
    assert list(i18n.faults(entry)) == ["is fuzzy"]


def test_new_texts_keep_what_was_translated(tmp_path, monkeypatch):
    monkeypatch.setattr(i18n, "ROOT", tmp_path)
    folder = tmp_path / "ccm_x/i18n"
    folder.mkdir(parents=True)
    old, pot = polib.POFile(), polib.POFile()
    for text, translation in (("Call", "Llamar"), ("Gone", "Ido")):
        old.append(polib.POEntry(msgid=text, msgstr=translation))
    old.save(str(folder / "es.po"))
    for text in ("Call", "New"):
        pot.append(polib.POEntry(msgid=text))
    new = i18n.merged("ccm_x", "es", pot)
    assert {entry.msgid: entry.msgstr for entry in new} == {"Call": "Llamar", "New": ""}
