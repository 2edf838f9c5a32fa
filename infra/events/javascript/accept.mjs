// Reads an AsyncAPI document as its parser does: prints each diagnostic, exits 1 on an error or a warning.
import { readFile } from 'node:fs/promises';
import { Parser } from '@asyncapi/parser';

const { document, diagnostics } = await new Parser().parse(await readFile(process.argv[2], 'utf8'));
const serious = diagnostics.filter(({ severity }) => severity <= 1);
for (const { code, path, message } of serious) console.error(`${code} ${path.join('.')}: ${message}`);
if (!document || serious.length) process.exit(1);
console.log(`${document.allMessages().length} messages, ${document.allChannels().length} channels`);
