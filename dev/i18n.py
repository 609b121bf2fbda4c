"""Keeps the .pot and .po files of the addons; see dev/i18n."""

import json
import pathlib
import re
import sys
from collections import Counter

import polib

ROOT = pathlib.Path(__file__).resolve().parent.parent
LANGUAGES = {"es": "nplurals=2; plural=(n != 1);"}
# What Odoo fills in or shows as it is: a translation has to have the same ones.
KEPT = re.compile(r"%\(\w+\)[sdrf]|%[sdr%]|\{\w*\}|</?[a-zA-Z][^>]*>|&\w+;")
TAG_NAME = re.compile(r"</?[\w-]+")
HEADER = (
    "Translation of Odoo Server.\nThis file contains the translation of the following module:\n* {}"
)


def pot_path(addon):
    return ROOT / addon / "i18n" / f"{addon}.pot"


def po_path(addon, language):
    return ROOT / addon / "i18n" / f"{language}.po"


def read(path):
    return polib.pofile(str(path), wrapwidth=78)


def exports(folder):
    """Yield (addon, template) of Odoo's exports; an addon without a text has no files."""
    for path in sorted(folder.glob("*.pot")):
        if pot := template(path):
            yield path.stem, pot


def po_files():
    return sorted(path for language in LANGUAGES for path in ROOT.glob(f"ccm_*/i18n/{language}.po"))


def template(exported):
    """Return Odoo's export without the lines that change with every run."""
    pot = read(exported)
    pot.header = HEADER.format(exported.stem)
    pot.metadata = {
        "Project-Id-Version": "Odoo Server 19.0",
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
    }
    return pot


def merged(addon, language, pot):
    """Return the translations, with the texts of today."""
    path = po_path(addon, language)
    po = read(path) if path.exists() else polib.POFile(wrapwidth=78)
    known = {entry.msgid: entry.msgstr for entry in po if not entry.obsolete}
    new = polib.POFile(wrapwidth=78)
    new.header = pot.header
    new.metadata = {
        **pot.metadata,
        "Language": language,
        "Plural-Forms": LANGUAGES[language],
    }
    for entry in pot:
        entry.msgstr = known.get(entry.msgid, "")
        new.append(entry)
    return new


def update(folder):
    for addon, pot in exports(folder):
        pot_path(addon).parent.mkdir(exist_ok=True)
        pot.save(str(pot_path(addon)))
        for language in LANGUAGES:
            po = merged(addon, language, read(pot_path(addon)))
            po.save(str(po_path(addon, language)))
            print(f"{addon}: {len(po)} texts, {len(po.untranslated_entries())} without {language}")


def kept_parts(text):
    """Return the placeholders of a text as they are, and its tags by name: attributes may hold words."""
    parts = KEPT.findall(text)
    return Counter(TAG_NAME.match(part)[0] if part[0] == "<" else part for part in parts)


def faults(entry):
    """Yield what is wrong with one translation."""
    text, translation = entry.msgid, entry.msgstr
    if not translation:
        yield "is not translated"
        return
    if entry.fuzzy:
        yield "is fuzzy"
    if kept_parts(text) != kept_parts(translation):
        yield f"has other placeholders or tags than its translation {translation!r}"
    for edge, name in ((r"^\s*", "begins"), (r"\s*$", "ends")):
        if re.search(edge, text)[0] != re.search(edge, translation)[0]:
            yield f"{name} with other blanks than its translation {translation!r}"


def check(folder):
    found = []
    for addon, pot in exports(folder):
        path = pot_path(addon)
        if not path.exists() or path.read_text() != str(pot):
            found.append(f"{path.relative_to(ROOT)} is not what the code has now; run dev/i18n")
        for language in LANGUAGES:
            path = po_path(addon, language)
            name = path.relative_to(ROOT)
            po = read(path) if path.exists() else polib.POFile()
            texts = {entry.msgid for entry in pot}
            old = [entry.msgid for entry in po if entry.msgid not in texts]
            found += [f"{name}: {text!r} is no text of ours any more" for text in old]
            found += [f"{name}: {text!r} is missing" for text in texts - {e.msgid for e in po}]
            found += [f"{name}: {e.msgid!r} {fault}" for e in po for fault in faults(e)]
    print(*found[:40], sep="\n", end="\n" if found else "")
    print(f"translations: {len(found)} faults")
    return 1 if found else 0


def todo(folder, size=100):
    """Write what has no translation yet, in files of ``size`` texts: fill in "to" and apply them."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = [
        {"file": str(path.relative_to(ROOT)), "from": entry.msgid, "to": "", "where": where(entry)}
        for path in po_files()
        for entry in read(path).untranslated_entries()
    ]
    for start in range(0, len(texts), size):
        path = folder / f"{start // size + 1:02}.json"
        path.write_text(
            json.dumps(texts[start : start + size], ensure_ascii=False, indent=1) + "\n"
        )
        print(path)
    print(f"{len(texts)} texts")


def where(entry):
    return ", ".join(sorted({place for place, _line in entry.occurrences})[:3])


def apply(*sources):
    """Take over the translations, and say which do not fit."""
    given = {}
    for source in sources:
        for text in json.loads(pathlib.Path(source).read_text()):
            given[text["file"], text["from"]] = text["to"]
    refused = 0
    for path in po_files():
        po, name = read(path), str(path.relative_to(ROOT))
        for entry in po:
            if translation := given.pop((name, entry.msgid), ""):
                before, entry.msgstr = entry.msgstr, translation
                if wrong := list(faults(entry)):
                    entry.msgstr = before
                    refused += 1
                    print(f"refused: {entry.msgid!r} {'; '.join(wrong)}")
        po.save(str(path))
        print(f"{name}: {len(po.untranslated_entries())} of {len(po)} texts left")
    for (name, text), translation in given.items():
        if translation:
            print(f"no such text (any more) in {name}: {text!r}")
    return 1 if refused else 0


def main(order, *arguments):
    if order == "--todo":
        return todo(pathlib.Path(arguments[0]), *map(int, arguments[1:]))
    if order == "--apply":
        return apply(*arguments)
    folder = pathlib.Path(arguments[0])
    return check(folder) if order == "--check" else update(folder)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
