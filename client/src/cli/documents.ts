/** Documents of a bid: those that a vendor encloses, and those of the opened bids. */
import { mkdirSync, readFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { listEnclosures, type OpenedEnclosure, readEnclosure } from '../enclosures';
import type { Enclosure } from '../sealing';
import type { Call, Report } from './call';
import { bidderName } from './envelopes';
import { writeBytes } from './files';
import { openStores } from './stores';
import { table } from './table';
import { type Task, TENDER_OPERAND } from './task';
import { UsageError } from './usage-error';

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.csv': 'text/csv',
  '.docx': 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  '.jpeg': 'image/jpeg',
  '.jpg': 'image/jpeg',
  '.json': 'application/json',
  '.odt': 'application/vnd.oasis.opendocument.text',
  '.pdf': 'application/pdf',
  '.png': 'image/png',
  '.txt': 'text/plain',
  '.xlsx': 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  '.xml': 'application/xml',
  '.zip': 'application/zip',
};
const ANY_TYPE = 'application/octet-stream';
const UNSAFE = /[^A-Za-z0-9._-]+/g;
const NAME_LENGTH_MAX = 100;

/** Files as they are enclosed: named by their names, without their folders. */
export function enclosuresOf(files: readonly string[]): Enclosure[] {
  return files.map((file) => ({
    title: basename(file),
    mediaType: MEDIA_TYPES[extname(file).toLowerCase()] ?? ANY_TYPE,
    bytes: new Uint8Array(readFileSync(file)),
  }));
}

/** `procure bid documents <tenderId>` */
export const DOCUMENTS: Task = {
  name: 'documents',
  about: 'List the documents of the opened bids; with --save fetch them and open them.',
  operands: [TENDER_OPERAND],
  options: [['--save <folder>', 'write every document into this folder, by lot and vendor']],
  run: documents,
};

async function documents(call: Call): Promise<Report> {
  const tenderId = call.operand(0);
  const [api, witness, folder] = [await call.api(), await call.witness(), call.option('save')];
  const found = await listEnclosures({ api, witness, tenderId });
  if (found === undefined) {
    const { state } = await api.tender(tenderId);
    throw new UsageError(`${tenderId} is ${state}: its documents are read after the opening`);
  }
  const rows = [];
  for (const one of found) {
    const file = folder === undefined ? undefined : await save(call, one, folder);
    const { lotId, vendorId, number, entry, stores } = one;
    rows.push({
      lotId,
      vendorId,
      number,
      ...entry,
      stores,
      ...(file === undefined ? {} : { file }),
    });
  }
  const lines = rows.map(({ lotId, vendorId, size, title, file = '' }) => {
    return [lotId, bidderName(vendorId), String(size), title, file];
  });
  const headings = ['LOT', 'VENDOR', 'BYTES', 'DOCUMENT', folder === undefined ? '' : 'FILE'];
  return {
    value: { tenderId, documents: rows },
    lines: rows.length === 0 ? ['The opened bids enclose no document.'] : [table(headings, lines)],
  };
}

/** Fetches a document, opens it, and writes it under a name that is safe in any folder. */
async function save(call: Call, enclosure: OpenedEnclosure, folder: string): Promise<string> {
  const { lotId, vendorId, number, entry, stores } = enclosure;
  const bytes = await readEnclosure(enclosure, await openStores(call, stores));
  const place = join(folder, lotId, bidderName(vendorId));
  mkdirSync(place, { recursive: true });
  const name = entry.title.replace(UNSAFE, '_').slice(-NAME_LENGTH_MAX);
  const file = join(place, `${number}-${name}`);
  writeBytes(file, bytes);
  return file;
}
