"""What a person's operations were answered: beside the person's record, which does not grow with them."""

import pytest

from commerce.sale.keys import key_of
from tests.commerce.sale.a_shop import ANA, BEN, GUEST, SHOP, Shop, mug

# Packs an operation into the person's record, as it was before answers had a place of their own.
AS_BEFORE = """
local person = cmsgpack.unpack(redis.call('HGET', KEYS[1], ARGV[1]))
for operation, at_ms in pairs(person.operations) do
  local id = ARGV[1] .. '|' .. operation
  local record = cmsgpack.unpack(redis.call('HGET', KEYS[2], id))
  redis.call('HDEL', KEYS[2], id)
  person.operations[operation] = { hash = record.hash, at_ms = at_ms, answer = record.answer }
end
redis.call('HSET', KEYS[1], ARGV[1], cmsgpack.pack(person))
"""


async def put_back(shop: Shop, person: str) -> None:
    """Write a person's record in its old form."""
    redis = shop.engine.redis
    await redis.eval(AS_BEFORE, 2, key_of(SHOP, "people"), key_of(SHOP, "operations"), person)


async def answers_kept(shop: Shop) -> int:
    """Count the answers that people's repeats would get."""
    fields = await shop.engine.redis.hkeys(key_of(SHOP, "operations"))
    return sum(b"|" in bytes(field) for field in fields)


async def record_bytes(shop: Shop, person: str) -> int:
    """Return how long a person's record is."""
    return int(await shop.engine.redis.hstrlen(key_of(SHOP, "people"), person))


async def test_a_record_hardly_grows_with_operations(shop: Shop) -> None:
    """Each leaves its name and its time: Redis reads and writes the record at every one of them."""
    for number in range(2):
        held = await shop.hold(ANA, key=f"first-{number}")
        await shop.engine.release(SHOP, reservation=held.id)
    before = await record_bytes(shop, ANA)
    for number in range(10):
        held = await shop.hold(ANA, key=f"next-{number}")
        await shop.engine.release(SHOP, reservation=held.id)
    assert await record_bytes(shop, ANA) - before < 10 * 40
    assert await answers_kept(shop) == 12


@pytest.mark.parametrize("is_old", [False, True])
async def test_a_repeat_gets_the_first_answer(shop: Shop, *, is_old: bool) -> None:
    """Also after its reservation ended, and from a record of before; another body is a conflict."""
    held = await shop.hold(ANA, key="mine")
    await shop.engine.release(SHOP, reservation=held.id)
    if is_old:
        await put_back(shop, ANA)
    assert await answers_kept(shop) == (0 if is_old else 1)
    assert await shop.hold(ANA, key="mine") == held
    async with shop.refused("idempotency_conflict"):
        await shop.hold(ANA, mug(2), key="mine")


@pytest.mark.parametrize("is_old", [False, True])
async def test_an_account_answers_for_its_guest(shop: Shop, *, is_old: bool) -> None:
    """Answers move with the holds; the account's own stand where both have one. Nothing stays behind."""
    held = await shop.hold(GUEST, key="guests")
    own = await shop.hold(ANA, key="both")
    await shop.engine.release(SHOP, reservation=own.id)
    await shop.engine.release(SHOP, reservation=held.id)
    await shop.hold(GUEST, key="both")
    if is_old:
        await put_back(shop, GUEST)
    await shop.engine.person_merge(SHOP, operation="o", guest=GUEST, account=ANA)
    assert (await shop.hold(ANA, key="guests")).id == held.id
    assert (await shop.hold(ANA, key="both")).id == own.id
    assert await answers_kept(shop) == 2


async def test_a_day_later_nothing_is_left_of_them(shop: Shop) -> None:
    """The next operation forgets what is old, in the record and beside it."""
    held = await shop.hold(BEN, key="old")
    await shop.engine.release(SHOP, reservation=held.id)
    script = """
    local person = cmsgpack.unpack(redis.call('HGET', KEYS[1], ARGV[1]))
    for operation, at_ms in pairs(person.operations) do person.operations[operation] = at_ms - 86400000 end
    redis.call('HSET', KEYS[1], ARGV[1], cmsgpack.pack(person))
    """
    await shop.engine.redis.eval(script, 1, key_of(SHOP, "people"), BEN)
    again = await shop.hold(BEN, key="new")
    assert again.id != held.id
    assert await answers_kept(shop) == 1
