import re
from importlib.resources import files

import pytest
from redis.asyncio import Redis

from commerce.events import EFFECTS
from commerce.sale.calls_redis import FunctionCaller, write_client
from commerce.sale.functions import FUNCTIONS, LIBRARIES, LIBRARY, PARTS, function_name
from commerce.sale.keys import NAMES, key_of, keys_of
from commerce.sale.refusals import ERRORS, RefusalCode
from tests.commerce.sale.a_shop import ANA, SHOP, Shop


def _lua(name: str) -> str:
    return files("commerce.sale").joinpath("lua").joinpath(f"{name}.lua").read_text("utf-8")


def test_lua_names_the_keys_in_the_declared_order() -> None:
    """Python sends them by place."""
    listed = re.search(r"KEY_NAMES = \{(.*?)\}", _lua("desk"), re.DOTALL)
    assert listed is not None
    assert tuple(re.findall(r"'(\w+)'", listed.group(1))) == NAMES


def test_a_shops_keys_share_its_tag() -> None:
    """So one call stays in one slot."""
    assert all(key.startswith("{shop:sp_x}:") for key in keys_of("sp_x"))
    assert key_of("sp_x", "ledger") == "{shop:sp_x}:ledger"


def test_python_and_lua_agree_on_what_every_kind_moves() -> None:
    """The table is written twice; replaying the ledger depends on the two being one."""
    names = ("available", "held", "sold", "withdrawn", "total")
    text = _lua("pools")
    for kind, effect in EFFECTS.items():
        row = re.search(rf"^  {kind} = \{{(.*?)\}}", text, re.MULTILINE)
        assert row is not None, kind
        found = {name: int(by) for name, by in re.findall(r"(\w+) = (-?\d)", row.group(1))}
        assert tuple(found.get(name, 0) for name in names) == effect


def test_every_code_a_function_refuses_with_is_known() -> None:
    """A code without a class would reach a buyer as a server error."""
    texts = [_lua(name) for name in (*PARTS, *FUNCTIONS)]
    codes = {
        code
        for text in texts
        for code in re.findall(r"(?:nil, |return |and |or )'([a-z]+(?:_[a-z]+)*)'", text)
    }
    assert {"all_held", "bad_quantity", "limit_reached"} <= codes
    states = {"released", "expired", "committed", "open", "paying", "change", "release", "expire"}
    assert codes - states - {"SPUBLISH", "PUBLISH"} <= set(RefusalCode)
    assert set(ERRORS) == set(RefusalCode)
    assert all(error.code == code for code, error in ERRORS.items())


def test_every_operation_has_its_header() -> None:
    """Keys, arguments, reply, and what it keeps."""
    for name in FUNCTIONS:
        head = _lua(name).split("\n\n")[0]
        assert head.startswith(f"-- sale_1_{name}: "), name
        assert all(word in head for word in ("-- KEYS", "-- ARGV", "-- Reply")), name


async def test_the_library_registers_every_function(shop: Shop) -> None:
    """Under versioned names, since names are global in Redis."""
    listed = await shop.engine.redis.execute_command("FUNCTION LIST", "LIBRARYNAME", LIBRARY)
    text = repr(listed)
    assert all(function_name(name) in text for name in FUNCTIONS)
    assert [name for name, _ in LIBRARIES] == [LIBRARY]


async def test_a_missing_library_is_loaded_by_the_first_call(shop: Shop) -> None:
    """A Redis that was emptied serves again without anybody's help."""
    await shop.engine.redis.execute_command("FUNCTION FLUSH")
    held = await shop.hold()
    assert held.person == ANA


async def test_a_client_that_repeats_commands_is_refused() -> None:
    """A lost answer would be a second execution."""
    client = Redis.from_url("redis://127.0.0.1:1")
    with pytest.raises(ValueError, match="retries off"):
        FunctionCaller(client)
    await client.aclose()


async def test_readers_may_be_woken_by_sharded_messages(shop: Shop, redis_url: str) -> None:
    """In a cluster of many nodes a wake-up need not reach all of them."""
    sharded = type(shop.engine)(write_client(redis_url), sharded_wake=True)
    async with shop.engine.redis.pubsub() as pubsub:
        await pubsub.ssubscribe(f"{{shop:{SHOP}}}:ledger:wake")
        await pubsub.get_message(timeout=5)
        await Shop(sharded).hold()
        message = await pubsub.get_message(ignore_subscribe_messages=True, timeout=5)
    await sharded.redis.aclose()
    assert message is not None
