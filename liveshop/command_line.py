"""The commands and their arguments; each command has a module of its own, imported when it is called."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from liveshop.errors import LiveshopError
from liveshop.settings.settings import read_settings

EXIT_FAULT = 1


def main(arguments: Sequence[str]) -> int:
    """Run one command; returns the exit code. A fault is one sentence on the error output."""
    parsed = parser().parse_args(arguments)
    try:
        return int(parsed.run(parsed))
    except LiveshopError as error:
        print(f"liveshop: {error}", file=sys.stderr)
        return EXIT_FAULT


def parser() -> argparse.ArgumentParser:
    """Declare all commands."""
    top = argparse.ArgumentParser(prog="liveshop", description="Live-stream shopping, self-hosted.")
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    for name, text in (("serve", "run the server"), ("demo", "run it with demo shops and a demo show")):
        command = commands.add_parser(name, help=text)
        for kind in ("front", "media", "worker"):
            command.add_argument(f"--{kind}", type=int, metavar="N", help=f"{kind} processes on this machine")
        command.set_defaults(run=_serve, demo=name == "demo")
    check = commands.add_parser("check", help="check settings and every connection")
    check.set_defaults(run=_check)
    reconcile = commands.add_parser("reconcile", help="compare stock, ledger, orders and payments")
    reconcile.add_argument("--days", type=int, default=30, metavar="N", help="how far back (default: 30)")
    reconcile.add_argument("--repair", action="store_true", help="rebuild lost stock and sell again")
    reconcile.add_argument("--shop", metavar="ID", help="only this shop")
    reconcile.set_defaults(run=_reconcile)
    user = commands.add_parser("user", help="accounts").add_subparsers(required=True, metavar="ACTION")
    add = user.add_parser("add", help="add an account")
    add.add_argument("email")
    add.add_argument("--admin", action="store_true", help="may administer the whole server")
    add.add_argument("--name", help="name shown to others (default: the part before the @)")
    add.add_argument("--password-stdin", action="store_true", help="read the password from the input")
    add.set_defaults(run=_user_add)
    bring = commands.add_parser("import", help="import products: a Shopify CSV or a Google feed")
    bring.add_argument("file", type=Path)
    bring.add_argument("--shop", required=True, help="the shop's address part, or its id")
    bring.add_argument("--dry-run", action="store_true", help="only say what would be done")
    bring.set_defaults(run=_import)
    children = commands.add_parser("children")
    children.add_argument("kinds", nargs="+")
    children.add_argument("--control-fd", type=int, required=True)
    children.set_defaults(run=_children)
    return top


def _serve(parsed: argparse.Namespace) -> int:
    from liveshop.commands.serve import serve

    counts = {
        "LIVESHOP_FRONTS": parsed.front,
        "LIVESHOP_MEDIAS": parsed.media,
        "LIVESHOP_WORKERS": parsed.worker,
    }
    given = {name: str(count) for name, count in counts.items() if count is not None}
    return serve({**os.environ, **given}, demo=parsed.demo)


def _check(_parsed: argparse.Namespace) -> int:
    from liveshop.check.check import check

    return check(dict(os.environ))


def _reconcile(parsed: argparse.Namespace) -> int:
    from liveshop.commands.reconcile_command import reconcile

    environ = dict(os.environ)
    return reconcile(
        read_settings(environ), environ, days=parsed.days, repair=parsed.repair, shop=parsed.shop
    )


def _user_add(parsed: argparse.Namespace) -> int:
    from liveshop.commands.user_command import add_user

    return add_user(
        read_settings(os.environ),
        email=parsed.email,
        name=parsed.name,
        admin=parsed.admin,
        password_from_input=parsed.password_stdin,
    )


def _import(parsed: argparse.Namespace) -> int:
    from liveshop.commands.import_command import import_file

    return import_file(
        read_settings(os.environ), os.environ, file=parsed.file, shop=parsed.shop, dry_run=parsed.dry_run
    )


def _children(parsed: argparse.Namespace) -> int:
    from liveshop.children import run_children

    return run_children(parsed.kinds, parsed.control_fd)
