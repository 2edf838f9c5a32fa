"""A subscriber: keeps, in SQLite, what a school's system wants to know of its admissions. An example to copy.

    ADMIS_SUBSCRIBER=credentials.json python3 subscriber.py admissions.db            runs for ever
    ADMIS_SUBSCRIBER=credentials.json python3 subscriber.py admissions.db --catch-up ends when nothing is left to read

Every event has its effect once: its id and its effect are one transaction, and the acknowledgement comes after. A process
that dies in between is given the event again, and knows it. Needs nats-py.
"""

import asyncio
import json
import os
import signal
import sqlite3
import sys

import nats
from nats.errors import TimeoutError as Nothing

BATCH = 50

HANDLED = """
create table if not exists handled (id text primary key);
create table if not exists versions (source text, event text, dossier text, version integer, primary key (source, event, dossier));
"""

TABLES = """
create table if not exists heard (event text primary key, times integer not null);
create table if not exists admissions (dossier text primary key, filiere text not null, state text not null, since text not null);
"""


def effect(db, name, event, _):
    """What this system does about an event; what it does not know it only counts."""
    db.execute("insert into heard values (?, 1) on conflict (event) do update set times = times + 1", (name,))
    if name in ("admitted", "lapsed"):
        # Canonical JSON leaves out what is 0 or false: such a field is read with `get`.
        row = (event["dossierId"], event["filiere"], name, event["at"])
        db.execute("insert or replace into admissions values (?, ?, ?, ?)", row)


def handle(db, headers, payload, effect, fetch):
    """One event, once, and never after a newer one of its kind about the same dossier."""
    name = headers["ce-type"].rsplit(".", 1)[-1]
    of = (headers["ce-source"], name, headers["ce-subject"])
    version = int(headers["ce-aggregateversion"])
    event = json.loads(payload)
    if db.execute("select 1 from handled where id = ?", (headers["ce-id"],)).fetchone():
        return
    known = db.execute("select version from versions where (source, event, dossier) = (?, ?, ?)", of).fetchone()
    # Whatever is asked of others is asked outside the transaction, and may be asked again.
    fetched = fetch(name, event) if fetch else None
    with db:
        db.execute("insert into handled values (?)", (headers["ce-id"],))
        if known and known[0] > version:
            return
        db.execute("insert or replace into versions values (?, ?, ?, ?)", (*of, version))
        effect(db, name, event, fetched)


def opened(path, tables):
    """The file in which a subscriber keeps what it handled beside what it made of it."""
    db = sqlite3.connect(path)
    # Committed is on disk: the event is acknowledged after.
    db.execute("pragma journal_mode = wal")
    db.execute("pragma synchronous = full")
    db.executescript(HANDLED + tables)
    return db


async def listen(db, effect, fetch=None, catch_up=False):
    """Hears until it is told to stop, or, to catch up, until nothing is left."""
    with open(os.environ["ADMIS_SUBSCRIBER"]) as file:
        given = json.load(file)
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    client = await nats.connect(
        given["url"],
        user=given["user"],
        password=given["password"],
        # Answers arrive where nobody else may listen, and nowhere else.
        inbox_prefix=given["inbox_prefix"].encode(),
        max_reconnect_attempts=-1,
    )
    # What an earlier process was given and did not acknowledge comes first and at once, not after a minute.
    await client.request(f"$JS.API.CONSUMER.RESET.{given['stream']}.{given['consumer']}", b"", timeout=10)
    consumer = await client.jetstream().pull_subscribe_bind(given["consumer"], given["stream"])
    while not stop.is_set():
        try:
            messages = await consumer.fetch(BATCH, timeout=1)
        except Nothing:
            if catch_up:
                break
            continue
        for message in messages:
            handle(db, message.headers, message.data, effect, fetch)
            await message.ack()
    # Acknowledgements that are on their way leave before the connection ends.
    await client.drain()


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    asyncio.run(listen(opened(sys.argv[1], TABLES), effect, catch_up="--catch-up" in sys.argv[2:]))
