"""Names are locked under keys of their own, and gone once these are."""

import secrets
from pathlib import Path

import pytest

from domain.person_name import SealedName, seal
from ledger.person_file import UnreadableKeys
from ledger.person_keys import PersonKeys


def sealed(name: str) -> SealedName:
    salt = secrets.token_bytes(32)
    return SealedName(("actor", "name"), seal(name, salt), salt, name)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "keys"


def locked(keys: PersonKeys, name: SealedName) -> tuple[str, bytes]:
    keys.prepare([name.value])
    return keys.lock(name)


def person(value: str) -> str:
    return value.split(":")[2]


def test_all_who_share_the_file_lock_a_name_alike(file: Path) -> None:
    one, other = PersonKeys(file), PersonKeys(file)
    names = [sealed("王某"), sealed("王某"), sealed("李某")]

    first, again, third = [
        locked(keys, name) for keys, name in zip((one, other, one), names, strict=True)
    ]

    assert first[0] == again[0] != third[0]
    assert len({first[1], again[1], third[1]}) == 3
    assert other.unlock(third[0]) == "李某"
    assert other.locked("李某") == third[0]
    assert other.locked("nobody") is None
    other.refresh()
    opened = other.open(names[1].commitment, *again)
    assert opened is not None
    assert (opened.value, opened.salt) == ("王某", names[1].salt)
    assert other.open(names[0].commitment, *again) is None, "a salt of another commitment"
    assert (file.stat().st_mode & 0o777, "王某" in file.read_text()) == (0o600, False)


def test_a_name_is_gone_with_its_key_and_with_nothing_else(file: Path) -> None:
    keys, other = PersonKeys(file), PersonKeys(file)
    name, stays = sealed("王某"), sealed("李某")
    value, salt = locked(keys, name)
    kept, _ = locked(keys, stays)
    answer = b'{"a":"%b","b":["%b"]}' % (value.encode(), kept.encode())
    assert other.unlocked_json(answer) == '{"a":"王某","b":["李某"]}'.encode()

    assert keys.destroy([person(value), "nobody"]) == 1

    assert other.unlocked_json(answer) == '{"a":null,"b":["李某"]}'.encode()
    assert keys.open(name.commitment, value, salt) is None
    assert (keys.unlock(value), keys.knows(value), keys.is_spent(value)) == (None, True, True)
    fresh, _ = locked(other, name)
    assert person(fresh) != person(value), "who comes back is nobody who was here"
    assert keys.unlock(value) is None


def test_what_only_looks_like_a_locked_name_is_left_as_it_is(file: Path) -> None:
    keys = PersonKeys(file)
    value, _ = locked(keys, sealed("王某"))
    stolen, own = value.split(":"), locked(keys, sealed('"locked-name:1:'))[0]
    for text in (
        "locked-name:1:",
        f"{value} ",
        f"see {value}",
        ":".join([*stolen[:2], "0" * 32, *stolen[3:]]),
        ":".join([*stolen[:4], stolen[4][:-3] + "AAA", *stolen[5:]]),
    ):
        assert keys.unlocked_value({"title": [text]}) == {"title": [text]}
        assert keys.unlock(text) is None
    assert keys.unlocked_value([own, None, 1]) == ['"locked-name:1:', None, 1]


def test_without_the_file_names_are_unreadable_and_new_ones_begin_another(file: Path) -> None:
    value, _ = locked(PersonKeys(file), sealed("王某"))
    before = file.read_text()
    file.unlink()
    keys = PersonKeys(file)
    assert keys.unlocked_json(b'["%b"]' % value.encode()) == b"[null]"
    assert not keys.is_spent(value)

    fresh, _ = locked(keys, sealed("李某"))
    with file.open("a") as other:
        other.write(before)

    assert keys.unlocked_value([value, fresh]) == ["王某", "李某"]
    assert keys.locked("王某") == value
    with pytest.raises(UnreadableKeys, match="nobody said where"):
        PersonKeys(None).prepare(["王某"])
    file.unlink()
    file.mkdir()
    with pytest.raises(UnreadableKeys):
        PersonKeys(file).prepare(["王某"])


def test_a_person_is_locked_anew_before_the_old_key_goes(file: Path) -> None:
    keys, other = PersonKeys(file), PersonKeys(file)
    name = sealed("王某")
    old = locked(keys, name)
    keys.renew([person(old[0])])
    new = locked(other, name)
    assert (keys.unlock(old[0]), keys.unlock(new[0])) == ("王某", "王某")
    assert (new[0] != old[0], person(new[0])) == (True, person(old[0]))

    keys.retire(old[0].startswith)
    assert other.unlock(old[0]) == "王某"
    keys.retire(new[0].startswith)

    assert (other.unlock(old[0]), other.unlock(new[0])) == (None, "王某")
    assert other.is_spent(old[0])


def test_a_line_that_a_crash_cut_short_is_written_over(file: Path) -> None:
    keys = PersonKeys(file)
    value, _ = locked(keys, sealed("王某"))
    with file.open("a") as half:
        half.write("person 0123")

    fresh, _ = locked(PersonKeys(file), sealed("李某"))

    assert PersonKeys(file).unlocked_value([value, fresh]) == ["王某", "李某"]
    assert "person 0123p" not in file.read_text()
