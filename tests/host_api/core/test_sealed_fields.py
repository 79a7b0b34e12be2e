"""Sealed columns in both databases: searching, swapping, rotating while others write, erasing."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import delete, event, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from host_api.core.encryption.envelope import SealFault, SealFaultReason, key_number
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.encryption.key_table import (
    add_key,
    erase_keys,
    load_keys,
    retire_key,
    rewrap_keys,
    stored_keys,
)
from host_api.core.encryption.programme_keys import NEW_KEY_WAITS, KeyPurpose, ProgrammeKeys
from host_api.core.encryption.reencryption import reseal_step
from host_api.core.settings import Settings
from tests.host_api.core.sealed_people import (
    MOBILE,
    NOTE,
    ClubKey,
    Keys,
    Person,
    first_keys,
    open_clubs,
)

pytestmark = pytest.mark.anyio

# Where the statements are plain ones, one database is enough.
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_async_engine(Settings(database_url=database_url).sqlalchemy_url)
    await open_clubs(engine)
    yield engine
    await engine.dispose()


@pytest.fixture
async def keys(engine: AsyncEngine) -> Keys:
    return await first_keys(engine)


async def enrol(engine: AsyncEngine, keys: Keys, mobile: str, programme_id: int = 1) -> int:
    async with AsyncSession(engine) as session, session.begin():
        person = Person(programme_id=programme_id)
        session.add(person)
        await session.flush()
        MOBILE.seal(keys.cipher, person, mobile)
        NOTE.seal(keys.cipher, person, f"note of {person.id}")
        return person.id


async def find(engine: AsyncEngine, keys: Keys, mobile: str, programme_id: int = 1) -> list[int]:
    async with AsyncSession(engine) as session:
        condition = MOBILE.equals(keys.cipher, programme_id, mobile)
        return list(await session.scalars(select(Person.id).where(condition).order_by(Person.id)))


async def mobile_of(engine: AsyncEngine, keys: Keys, person_id: int) -> str | None:
    async with AsyncSession(engine) as session:
        return MOBILE.open(keys.cipher, await session.get_one(Person, person_id))


async def rotate(engine: AsyncEngine, keys: Keys, purpose: KeyPurpose, programme_id: int = 1) -> None:
    async with AsyncSession(engine) as session, session.begin():
        await add_key(session, ClubKey, keys.masters, programme_id, purpose, now=keys.clock.now)
        await load_keys(session, ClubKey, keys.held)
    keys.clock.turn(NEW_KEY_WAITS)


async def reseal_all(engine: AsyncEngine, keys: Keys, limit: int = 500) -> tuple[int, tuple[int, ...]]:
    after: int | None = 0
    resealed = 0
    damaged: tuple[int, ...] = ()
    while after is not None:
        async with AsyncSession(engine) as session, session.begin():
            step = await reseal_step(
                session, keys.cipher, Person, [MOBILE, NOTE], programme_id=1, after_id=after, limit=limit
            )
        resealed += step.resealed
        damaged += step.damaged_ids
        after = step.next_after_id
    return resealed, damaged


async def test_a_value_is_found_in_any_writing_and_by_its_programme_only(
    engine: AsyncEngine, keys: Keys
) -> None:
    mine = await enrol(engine, keys, "09123456789")
    other = await enrol(engine, keys, "09123456789", programme_id=2)
    await enrol(engine, keys, "09120000000")
    assert await find(engine, keys, "+98 912 345 6789") == [mine]
    assert await find(engine, keys, "۰۹۱۲۳۴۵۶۷۸۹", programme_id=2) == [other]
    assert await mobile_of(engine, keys, mine) == "09123456789"


@on_sqlite
async def test_nothing_readable_stands_in_the_database(engine: AsyncEngine, keys: Keys) -> None:
    await enrol(engine, keys, "09123456789")
    async with engine.connect() as connection:
        rows = (await connection.execute(text("SELECT * FROM people"))).all()
        stored = b"".join(bytes(value) for value in rows[0] if isinstance(value, bytes | memoryview))
    assert len(stored) > 100
    assert b"912345" not in stored
    assert b"note" not in stored


@on_sqlite
async def test_nothing_is_nothing(engine: AsyncEngine, keys: Keys) -> None:
    person_id = await enrol(engine, keys, "09123456789")
    async with AsyncSession(engine) as session, session.begin():
        person = await session.get_one(Person, person_id)
        MOBILE.seal(keys.cipher, person, None)
        assert person.mobile_sealed is None and person.mobile_index is None
        assert MOBILE.open(keys.cipher, person) is None
    assert await find(engine, keys, "09123456789") == []
    assert await reseal_all(engine, keys) == (0, ())


@on_sqlite
async def test_a_row_without_an_id_and_a_field_without_an_index_are_refused(keys: Keys) -> None:
    with pytest.raises(ValueError, match="flush"):
        MOBILE.seal(keys.cipher, Person(programme_id=1), "09123456789")
    with pytest.raises(ValueError, match="blind index"):
        NOTE.equals(keys.cipher, 1, "note")


@on_sqlite
async def test_swapped_columns_are_noticed(engine: AsyncEngine, keys: Keys) -> None:
    one = await enrol(engine, keys, "09120000001")
    two = await enrol(engine, keys, "09120000002")
    async with AsyncSession(engine) as session, session.begin():
        stolen = await session.scalar(select(Person.mobile_sealed).where(Person.id == two))
        await session.execute(update(Person).where(Person.id == one).values(mobile_sealed=stolen))
    with pytest.raises(SealFault) as caught:
        await mobile_of(engine, keys, one)
    assert caught.value.reason is SealFaultReason.DAMAGED


@pytest.mark.parametrize("limit", [3, 500])
async def test_rotation_of_both_keys(engine: AsyncEngine, keys: Keys, limit: int) -> None:
    people = [await enrol(engine, keys, f"0912000000{place}") for place in range(7)]
    foreign = await enrol(engine, keys, "09120000000", programme_id=2)
    for purpose in KeyPurpose:
        await rotate(engine, keys, purpose)
    late = await enrol(engine, keys, "09121111111")
    # Under way: values under both keys are found and opened.
    assert await find(engine, keys, "09120000003") == [people[3]]
    assert await find(engine, keys, "09121111111") == [late]
    assert await reseal_all(engine, keys, limit) == (7, ())
    assert await reseal_all(engine, keys, limit) == (0, ())
    async with AsyncSession(engine) as session, session.begin():
        for purpose in KeyPurpose:
            await retire_key(session, ClubKey, 1, purpose, 1)
        await load_keys(session, ClubKey, keys.held)
    for place, person_id in enumerate(people):
        assert await find(engine, keys, f"0912000000{place}") == [person_id]
        assert await mobile_of(engine, keys, person_id) == f"0912000000{place}"
    assert await find(engine, keys, "09120000000", programme_id=2) == [foreign]


@on_sqlite
async def test_a_step_that_is_rolled_back_is_done_again(engine: AsyncEngine, keys: Keys) -> None:
    person_id = await enrol(engine, keys, "09123456789")
    await rotate(engine, keys, KeyPurpose.FIELD)
    async with AsyncSession(engine) as session:
        step = await reseal_step(session, keys.cipher, Person, [MOBILE, NOTE], programme_id=1)
        assert step.resealed == 1
        await session.rollback()
    assert await mobile_of(engine, keys, person_id) == "09123456789"
    assert await reseal_all(engine, keys) == (1, ())


async def test_a_writer_in_between_is_not_undone(engine: AsyncEngine, keys: Keys) -> None:
    person_id = await enrol(engine, keys, "09120000001")
    await rotate(engine, keys, KeyPurpose.FIELD)
    async with AsyncSession(engine) as session, session.begin():
        waiting = [MOBILE]

        def write_in_between() -> None:
            waiting.clear()
            fresh = keys.cipher.seal(1, MOBILE.name, person_id, "09120000002")
            session.sync_session.connection().execute(
                update(Person).where(Person.id == person_id).values(mobile_sealed=fresh)
            )

        def before_update(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
            if waiting and statement.startswith("UPDATE"):
                write_in_between()

        event.listen(engine.sync_engine, "before_cursor_execute", before_update)
        step = await reseal_step(session, keys.cipher, Person, [MOBILE, NOTE], programme_id=1)
    assert (step.examined, step.resealed, step.overtaken) == (1, 0, 1)
    assert await mobile_of(engine, keys, person_id) == "09120000002"


@on_sqlite
async def test_a_damaged_row_is_told_and_stops_nobody(engine: AsyncEngine, keys: Keys) -> None:
    broken = await enrol(engine, keys, "09120000001")
    whole = await enrol(engine, keys, "09120000002")
    await rotate(engine, keys, KeyPurpose.FIELD)
    async with AsyncSession(engine) as session, session.begin():
        await session.execute(
            update(Person).where(Person.id == broken).values(note_sealed=b"\x01" + bytes(40))
        )
    assert await reseal_all(engine, keys) == (1, (broken,))
    async with AsyncSession(engine) as session:
        sealed = await session.scalar(select(Person.mobile_sealed).where(Person.id == whole))
        assert sealed is not None and key_number(sealed) == 2


@on_sqlite
@pytest.mark.parametrize("limit", [0, 10_001])
async def test_a_step_has_a_bound(engine: AsyncEngine, keys: Keys, limit: int) -> None:
    async with AsyncSession(engine) as session:
        with pytest.raises(ValueError, match="limit"):
            await reseal_step(session, keys.cipher, Person, [NOTE], programme_id=1, limit=limit)
        with pytest.raises(ValueError, match="field"):
            await reseal_step(session, keys.cipher, Person, [], programme_id=1)


@on_sqlite
async def test_an_erased_programme_cannot_be_read_by_anybody(engine: AsyncEngine, keys: Keys) -> None:
    erased = await enrol(engine, keys, "09120000001")
    kept = await enrol(engine, keys, "09120000001", programme_id=2)
    async with AsyncSession(engine) as session, session.begin():
        await erase_keys(session, ClubKey, 1)
    keys.held.forget(1)
    with pytest.raises(SealFault) as caught:
        await mobile_of(engine, keys, erased)
    assert caught.value.reason is SealFaultReason.KEY
    with pytest.raises(SealFault):
        await reseal_all(engine, keys)
    assert await mobile_of(engine, keys, kept) == "09120000001"
    async with AsyncSession(engine) as session, session.begin():
        await add_key(session, ClubKey, keys.masters, 1, KeyPurpose.FIELD, now=keys.clock.now)
        await load_keys(session, ClubKey, keys.held)
    with pytest.raises(SealFault):
        await mobile_of(engine, keys, erased)


@on_sqlite
async def test_the_master_key_is_rotated_without_touching_a_value(engine: AsyncEngine, keys: Keys) -> None:
    person_id = await enrol(engine, keys, "09123456789")
    masters = keys.masters.with_new_key()
    async with AsyncSession(engine) as session, session.begin():
        assert await rewrap_keys(session, ClubKey, masters) == 4
    held = ProgrammeKeys(masters.without(1), keys.clock)
    async with AsyncSession(engine) as session:
        await load_keys(session, ClubKey, held)
        person = await session.get_one(Person, person_id)
        assert MOBILE.open(FieldCipher(held), person) == "09123456789"


@on_sqlite
async def test_keys_are_numbered_and_wait_their_turn(engine: AsyncEngine, keys: Keys) -> None:
    async with AsyncSession(engine) as session, session.begin():
        later = await add_key(session, ClubKey, keys.masters, 1, KeyPurpose.FIELD, now=keys.clock.now)
        assert later == 2
        first, second = [
            key for key in await stored_keys(session, ClubKey, 1) if key.purpose is KeyPurpose.FIELD
        ]
        assert (first.number, second.number) == (1, 2)
        assert second.active_from - first.active_from == NEW_KEY_WAITS
        await load_keys(session, ClubKey, keys.held)
        assert keys.held.active(1, KeyPurpose.FIELD).number == 1
        keys.clock.turn(NEW_KEY_WAITS - timedelta(seconds=1))
        assert keys.held.active(1, KeyPurpose.FIELD).number == 1
        keys.clock.turn(timedelta(seconds=1))
        assert keys.held.active(1, KeyPurpose.FIELD).number == 2
        for number in (2, 3):
            with pytest.raises(ValueError, match="successor"):
                await retire_key(session, ClubKey, 1, KeyPurpose.FIELD, number)


async def test_two_who_add_a_key_at_once_do_not_both_succeed(engine: AsyncEngine, keys: Keys) -> None:
    async with AsyncSession(engine) as session, session.begin():
        await session.execute(delete(ClubKey).where(ClubKey.number == 99))
        row = (await stored_keys(session, ClubKey, 1))[0]
        session.add(
            ClubKey(
                programme_id=1, purpose=row.purpose.value, number=2, active_from=row.active_from, wrapped=b"x"
            )
        )
        await session.flush()
        with pytest.raises(IntegrityError):
            async with session.begin_nested():
                session.add(
                    ClubKey(
                        programme_id=1,
                        purpose=row.purpose.value,
                        number=2,
                        active_from=row.active_from,
                        wrapped=b"y",
                    )
                )
                await session.flush()
