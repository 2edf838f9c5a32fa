"""A real mail server that does to each recipient what their name asks for, and keeps what it takes.

    server.py DIRECTORY [CERTIFICATE KEY]

Prints its port. What it took lies in DIRECTORY, one file per mail, in the order of taking. With a certificate it asks
for STARTTLS first.
"""

import asyncio
import itertools
import ssl
import sys
from collections import Counter
from pathlib import Path

from aiosmtpd.smtp import SMTP

directory = Path(sys.argv[1])
numbers = itertools.count(1)
seen = Counter()


def take(envelope):
    number = next(numbers)
    partial = directory / f"{number:05}.partial"
    partial.write_bytes(f"To: {envelope.rcpt_tos[0]}\n\n".encode() + envelope.content)
    partial.rename(directory / f"{number:05}.mail")


class Handler:
    async def handle_MAIL(self, server, session, envelope, address, options):
        if address.startswith("unwelcome"):
            return "550 5.7.1 this sender is not welcome"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        name = address.split("@")[0]
        if name == "unknown":
            return f"550 5.1.1 <{address}>: no such user"
        if name == "grey":
            seen[address] += 1
            if seen[address] == 1:
                return "451 4.7.1 come back later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        name = envelope.rcpt_tos[0].split("@")[0]
        seen[name] += 1
        if name == "spam":
            return "554 5.7.1 refused for its content"
        if name == "full":
            return "452 4.2.2 mailbox full"
        if name == "hang":
            await asyncio.sleep(3600)
        if name == "slow":
            await asyncio.sleep(0.3)
        if name == "cut" and seen[name] == 1:
            # Gone in the middle of it: nothing was taken.
            server.transport.abort()
            return "250 never heard"
        if name == "mute" and seen[name] == 1:
            # Taken, and gone before it could say so.
            take(envelope)
            server.transport.abort()
            return "250 never heard"
        take(envelope)
        return "250 OK"


async def main():
    tls = None
    if len(sys.argv) > 2:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(sys.argv[2], sys.argv[3])
    handler = Handler()

    def protocol():
        return SMTP(handler, tls_context=tls, require_starttls=tls is not None, enable_SMTPUTF8=True)

    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


asyncio.run(main())
