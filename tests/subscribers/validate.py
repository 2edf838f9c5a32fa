"""Holds messages against the committed schemas: one JSON object a line on standard input, with `type`, `headers`, `payload`.
Prints how many, by type; exits 1 with the first that does not fit."""

import collections
import json
import pathlib
import sys

import fastjsonschema

contract = pathlib.Path(sys.argv[1])
texts = {path.stem: json.loads(path.read_text()) for path in (contract / "schemas").glob("*.json")}
schemas = {name: fastjsonschema.compile(text) for name, text in texts.items()}
document = json.loads((contract / "asyncapi.json").read_text())
headers = fastjsonschema.compile(document["components"]["schemas"]["Headers"])
for name, text in texts.items():
    for example in text["examples"]:
        schemas[name](example)
seen = collections.Counter()
for line in sys.stdin:
    message = json.loads(line)
    try:
        schemas[message["type"]](message["payload"])
        headers(message["headers"])
    except (KeyError, fastjsonschema.JsonSchemaException) as error:
        sys.exit(f"{error!r}: {line}")
    seen[message["type"]] += 1
print(json.dumps(seen))
