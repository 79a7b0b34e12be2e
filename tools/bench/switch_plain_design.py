"""The plain design beside which the switch is measured: FastAPI, SQLAlchemy and SQLite, as written first.

Each purchase is a transaction of its own, committed before the reply: look up the card, compute the points,
raise the balance, insert the row. SQLite has a write-ahead log and syncs it at each commit, as the switch
syncs its journal. It does less than the switch: points at one rate instead of rules, no MAC, no ledger of
lots; an identity that comes twice ends in an error. `async` without a thread is the fastest form of this:
a thread for each request, FastAPI's habit, costs a third.
"""

import asyncio
import json
import socket
import sys
from pathlib import Path
from sqlite3 import Connection as SqliteConnection

import uvicorn
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel
from sqlalchemy import Engine, ForeignKey, UniqueConstraint, create_engine, event, func, insert, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from tools.bench import switch_club as club

RIALS_OF_A_POINT = 10_000
_ROWS_A_STATEMENT = 20_000
_BACKLOG = 128


class _Base(DeclarativeBase):
    pass


class Card(_Base):
    """A card and what its holder has."""

    __tablename__ = "card"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    status: Mapped[str]
    points: Mapped[int]


class Purchase(_Base):
    """One purchase and what it earned."""

    __tablename__ = "purchase"
    __table_args__ = (UniqueConstraint("terminal", "transmitted_s", "stan"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    card_id: Mapped[int] = mapped_column(ForeignKey("card.id"))
    terminal: Mapped[str]
    stan: Mapped[int]
    transmitted_s: Mapped[int]
    amount: Mapped[int]
    points: Mapped[int]


class PurchaseRequest(BaseModel):
    """What a shop sends."""

    terminal: str
    stan: int
    transmitted_s: int
    card: str
    amount: int


class PurchaseReply(BaseModel):
    """What it hears."""

    id: int
    points: int
    balance: int


def engine_of(path: Path) -> Engine:
    """The database, with the switch's promise: what is answered is on the disk."""
    engine = create_engine(f"sqlite:///{path}")

    @event.listens_for(engine, "connect")
    def _set_up(connection: SqliteConnection, _: object) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")

    return engine


def fill(path: Path, cards: int) -> None:
    """Make the tables and so many cards."""
    engine = engine_of(path)
    _Base.metadata.create_all(engine)
    with engine.begin() as connection:
        for start in range(0, cards, _ROWS_A_STATEMENT):
            numbers = range(start, min(start + _ROWS_A_STATEMENT, cards))
            connection.execute(
                insert(Card),
                [
                    {"number": club.card_number(each), "status": "A", "points": club.OPENING_POINTS}
                    for each in numbers
                ],
            )
    engine.dispose()


def earned_points(path: Path) -> tuple[int, int]:
    """Purchases and points that the database has: as rows, which must agree with the balances."""
    engine = engine_of(path)
    with Session(engine) as session:
        count, points = session.execute(select(func.count(Purchase.id), func.sum(Purchase.points))).one()
        balances, cards = session.execute(select(func.sum(Card.points), func.count(Card.id))).one()
    engine.dispose()
    if balances - cards * club.OPENING_POINTS != (points or 0):
        raise ValueError("balances and purchases differ")
    return int(count), int(points or 0)


def app_of(engine: Engine) -> FastAPI:
    """The application."""
    app = FastAPI()

    @app.post("/purchases")
    async def purchase(request: PurchaseRequest) -> PurchaseReply:
        with Session(engine) as session, session.begin():
            card = session.scalar(select(Card).where(Card.number == request.card))
            if card is None or card.status != "A":
                raise HTTPException(404, "no such card")
            points = request.amount // RIALS_OF_A_POINT
            card.points += points
            row = Purchase(
                card_id=card.id,
                terminal=request.terminal,
                stan=request.stan,
                transmitted_s=request.transmitted_s,
                amount=request.amount,
                points=points,
            )
            session.add(row)
            session.flush()
            return PurchaseReply(id=row.id, points=points, balance=card.points)

    return app


def main() -> None:
    """Serve the database of the first argument on a free port until SIGTERM."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=_BACKLOG)
    host, port = listening.getsockname()
    server = uvicorn.Server(
        uvicorn.Config(app_of(engine_of(Path(sys.argv[1]))), log_level="warning", access_log=False)
    )
    sys.stdout.write(json.dumps({"http": f"{host}:{port}"}) + "\n")
    sys.stdout.flush()
    asyncio.run(server.serve(sockets=[listening]))


if __name__ == "__main__":
    main()
