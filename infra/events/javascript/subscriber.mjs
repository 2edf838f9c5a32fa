// A subscriber: keeps, in one file, what a school's system wants to know of its admissions. An example to copy.
//
//     ADMIS_SUBSCRIBER=credentials.json node subscriber.mjs admissions.log             runs for ever
//     ADMIS_SUBSCRIBER=credentials.json node subscriber.mjs admissions.log --catch-up  ends when nothing is left to read
//
// Every event has its effect once: the file is a journal to which an event's id and effect are added as one line, on disk
// before the acknowledgement. A process that dies in between is given the event again, and knows it. A line that was cut off
// is no line. A database with a unique key on the id does the same with less code.

import { open, readFile, truncate } from 'node:fs/promises';
import { connect } from '@nats-io/transport-node';
import { jetstream } from '@nats-io/jetstream';

const BATCH = 50;

/** What this system does about an event: what is to be kept of it. */
function effect(name, event) {
  switch (name) {
    case 'admitted':
    case 'lapsed':
      return { dossier: event.dossierId, filiere: event.filiere, state: name, since: event.at };
    case 'admissibility_published':
      // What is false or 0 is left out of canonical JSON.
      return { dossier: event.dossierId, admissible: event.admissible ?? false };
    default:
      return undefined;
  }
}

class Journal {
  handled = new Set();
  versions = new Map();

  static async open(path) {
    const journal = new Journal();
    const text = await readFile(path, 'utf8').catch((error) => (error.code === 'ENOENT' ? '' : Promise.reject(error)));
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    if (whole.length < text.length) await truncate(path, Buffer.byteLength(whole));
    for (const line of whole.split('\n').filter(Boolean)) journal.know(JSON.parse(line));
    journal.file = await open(path, 'a');
    return journal;
  }

  know({ id, of, version }) {
    this.handled.add(id);
    this.versions.set(of, version);
  }

  /** One event, once, and never after a newer one of its kind about the same dossier. */
  async handle(headers, event) {
    const id = headers.get('ce-id');
    const name = headers.get('ce-type').split('.').at(-1);
    const of = [headers.get('ce-source'), name, headers.get('ce-subject')].join(' ');
    const version = Number(headers.get('ce-aggregateversion'));
    if (this.handled.has(id) || (this.versions.get(of) ?? -1) > version) return;
    const entry = { id, of, version, name, kept: effect(name, event) };
    await this.file.appendFile(`${JSON.stringify(entry)}\n`);
    await this.file.datasync();
    this.know(entry);
  }
}

const [path, ...options] = process.argv.slice(2);
if (!path) throw new Error('usage: subscriber.mjs FILE [--catch-up]');
const given = JSON.parse(await readFile(process.env.ADMIS_SUBSCRIBER, 'utf8'));
const journal = await Journal.open(path);
const client = await connect({
  servers: given.url,
  user: given.user,
  pass: given.password,
  // Answers arrive where nobody else may listen, and nowhere else.
  inboxPrefix: given.inbox_prefix,
  maxReconnectAttempts: -1,
});
let stopped = false;
for (const name of ['SIGTERM', 'SIGINT']) process.once(name, () => (stopped = true));

// What an earlier process was given and did not acknowledge comes first and at once, not after a minute. The answer describes
// the consumer, which the library would otherwise ask for in a way that a subscriber may not.
const answer = await client.request(`$JS.API.CONSUMER.RESET.${given.stream}.${given.consumer}`, '', { timeout: 10_000 });
const consumer = jetstream(client).consumers.getConsumerFromInfo(answer.json());
while (!stopped) {
  let heard = 0;
  for await (const message of await consumer.fetch({ max_messages: BATCH, expires: 1_000 })) {
    await journal.handle(message.headers, message.json());
    message.ack();
    heard += 1;
  }
  if (!heard && options.includes('--catch-up')) break;
}
// Acknowledgements that are on their way leave before the connection ends.
await client.drain();
await journal.file.close();
