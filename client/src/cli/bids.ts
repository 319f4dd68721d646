/** `procure bid`: what a vendor does with a bid, from the sealing to the opening. */
import {
  type BidDocument,
  bidDocumentSchema,
  deadlineOf,
  decodeCanonical,
  fromBase64url,
  fromUtf8,
} from '@procurement/protocol';
import { type Envelope, makeSelfOpen, openOwnBid, ready } from '@procurement/sealed';
import { check } from '../check';
import { type CheckedTender, readCommittee } from '../committee';
import { type BidSecret, sealBid } from '../sealing';
import type { Call, Report, SignedFacts } from './call';
import { readJson } from './files';
import { KeptBid } from './folder/kept-bids';
import { placeLines } from './keys';
import type { TaskGroup } from './task';
import { UsageError } from './usage-error';

const TENDER = ['<tenderId>', 'the tender'] as const;
const LOT = ['<lotId>', 'the lot'] as const;
const FILE = ['<bid.json>', 'the bid; what the ledger knows of it may be left out'] as const;
const BUCKET = [
  ['--bucket <bytes>', 'a larger size, 4096 or 16384, to hide how long the bid is'],
] as const;
const BUCKETS = ['1024', '4096', '16384'];

/** The commands on bids. */
export const BIDS: TaskGroup = {
  name: 'bid',
  about: 'Seal a bid on this machine, hand it in, and check what became of it.',
  tasks: [
    {
      name: 'seal',
      about: 'Seal a bid and keep envelope and secret in your folder; nothing is handed in.',
      operands: [TENDER, FILE],
      options: BUCKET,
      run: async (call) => (await sealed(call)).report,
    },
    {
      name: 'submit',
      about: 'Hand in the bid that was sealed last for a lot.',
      operands: [TENDER, LOT],
      run: async (call) =>
        submit(
          call,
          KeptBid.find(call.folder(), { tenderId: call.operand(0), lotId: call.operand(1) }),
        ),
    },
    {
      name: 'replace',
      about: 'Seal a bid and hand it in as the next version in one step.',
      operands: [TENDER, FILE],
      options: BUCKET,
      run: async (call) => submit(call, (await sealed(call)).kept),
    },
    {
      name: 'confirm',
      about: 'Confirm your bid for the notice as it stands after an amendment.',
      operands: [TENDER, LOT],
      run: confirm,
    },
    {
      name: 'withdraw',
      about: 'Withdraw your bid for a lot.',
      operands: [TENDER, LOT],
      run: withdraw,
    },
    {
      name: 'verify',
      about: 'Re-open your own bid from its secret, and hold it against the ledger.',
      operands: [TENDER, LOT],
      run: verify,
    },
    {
      name: 'self-open',
      about: 'Open your own listed bid where the officers do not.',
      operands: [TENDER, LOT],
      run: selfOpen,
    },
  ],
};

async function sealed(call: Call): Promise<{ readonly kept: KeptBid; readonly report: Report }> {
  const [tenderId, written] = [call.operand(0), readJson(call.operand(1))];
  const folder = call.folder();
  const bucket = bucketOf(call.option('bucket'));
  const api = await call.api();
  const witness = await call.witness();
  const prepared = await sealBid({ api, witness, tenderId, written, bucket });
  const kept = await KeptBid.keep(folder, prepared, await call.lock());
  const { bid, envelopeHash, committeeHash } = prepared.secret;
  const { lotId, version } = bid;
  return {
    kept,
    report: {
      value: { tenderId, lotId, version, envelopeHash, committeeHash, envelope: kept.envelopeFile },
      lines: [
        `Sealed version ${version} for lot ${lotId}; nothing is handed in yet.`,
        `envelope hash   ${envelopeHash}`,
        `committee hash  ${committeeHash}`,
        `notice hash     ${prepared.submission.noticeHash}`,
        `envelope        ${kept.envelopeFile}`,
        `secret          ${kept.secretFile}  (encrypted; keep a copy)`,
        `To hand it in: procure bid submit ${tenderId} ${lotId}`,
      ],
    },
  };
}

async function submit(call: Call, kept: KeptBid): Promise<Report> {
  const { tenderId, lotId, version } = kept.name;
  const api = await call.api();
  const checked = await readCommittee({ api, witness: await call.witness(), tenderId });
  const { document, secret } = await reopened(call, kept, checked);
  await call.confirm('your bid', bidFacts(checked, document, secret));
  const outcome = await api.submitBid(tenderId, kept.submission());
  const { transactionId, blockNumber } = outcome;
  const receipt = { tenderId, lotId, version, transactionId, blockNumber };
  kept.keepReceipt({ ...receipt, envelopeHash: secret.envelopeHash });
  return {
    value: outcome,
    lines: [
      `Handed in version ${version} for lot ${lotId} of ${tenderId}.`,
      ...placeLines(outcome),
      `receipt ${kept.receiptFile}`,
    ],
  };
}

async function confirm(call: Call): Promise<Report> {
  const [tenderId, lotId] = [call.operand(0), call.operand(1)];
  const api = await call.api();
  const { tender, noticeHash } = await readCommittee({
    ...{ api, witness: await call.witness(), tenderId },
  });
  const texts = (tender.amendments ?? []).map(({ number, text }) => `${number}: ${text}`);
  await call.confirm('that your bid stands for the notice as amended', {
    ...{ tender: `${tenderId}: ${tender.title}`, lot: lotId },
    ...{ amendments: texts.join('; '), 'notice hash': noticeHash, deadline: deadlineOf(tender) },
  });
  const requestId = `confirm-${noticeHash}`;
  const outcome = await api.confirmBid(tenderId, { requestId, lotId, noticeHash });
  return {
    value: outcome,
    lines: [`Confirmed your bid for lot ${lotId}.`, ...placeLines(outcome)],
  };
}

async function withdraw(call: Call): Promise<Report> {
  const [tenderId, lotId] = [call.operand(0), call.operand(1)];
  const api = await call.api();
  const mine = (await api.bids(tenderId)).bids.filter((bid) => bid.lotId === lotId);
  const version = Math.max(0, ...mine.map((bid) => bid.version));
  await call.confirm('the withdrawal of your bid', {
    ...{ tender: tenderId, lot: lotId, version: String(version) },
  });
  const requestId = `withdraw-${version}-${lotId}`.slice(0, 64);
  const outcome = await api.withdrawBid(tenderId, { requestId, lotId });
  return { value: outcome, lines: [`Withdrew your bid for lot ${lotId}.`, ...placeLines(outcome)] };
}

async function verify(call: Call): Promise<Report> {
  const [tenderId, lotId] = [call.operand(0), call.operand(1)];
  const kept = KeptBid.find(call.folder(), { tenderId, lotId });
  const api = await call.api();
  const checked = await readCommittee({ api, witness: await call.witness(), tenderId });
  const { document, secret } = await reopened(call, kept, checked);
  const { bids } = await api.bids(tenderId);
  const { version, vendorId } = secret.bid;
  const there = bids.find((bid) => bid.lotId === lotId && bid.vendorId === vendorId);
  check(there !== undefined, `the ledger has no bid of ${vendorId} for lot ${lotId}`);
  const isSame = there.version === version && there.envelopeHash === secret.envelopeHash;
  check(isSame, `the ledger has another bid: version ${there.version}, ${there.envelopeHash}`);
  const state = there.withdrawn === undefined ? (there.state ?? 'sealed') : 'withdrawn';
  return {
    value: { tenderId, lotId, version, envelopeHash: secret.envelopeHash, state, document },
    lines: [
      `The ledger holds the bid that was sealed here: version ${version}, ${state}.`,
      ...Object.entries(bidFacts(checked, document, secret)).map(
        ([name, value]) => `${name.padEnd(14)} ${value}`,
      ),
    ],
  };
}

async function selfOpen(call: Call): Promise<Report> {
  await ready();
  const [tenderId, lotId] = [call.operand(0), call.operand(1)];
  const kept = KeptBid.find(call.folder(), { tenderId, lotId });
  const api = await call.api();
  const checked = await readCommittee({ api, witness: await call.witness(), tenderId });
  const { document, secret } = await reopened(call, kept, checked);
  check(checked.tender.listFixed !== undefined, `tender ${tenderId} has not been closed`);
  await call.confirm('the opening of your own bid, for everyone to read', {
    ...bidFacts(checked, document, secret),
  });
  const selfOpening = makeSelfOpen({
    ...{ committee: checked.committee, bid: secret.bid },
    seed: fromBase64url(secret.seed),
  });
  const requestId = `self-open-${secret.envelopeHash}`;
  const outcome = await api.selfOpen(tenderId, { requestId, selfOpen: selfOpening });
  return {
    value: outcome,
    lines: [`Opened your bid for lot ${lotId}.`, ...placeLines(outcome)],
  };
}

/** What lies in the envelope, opened here from the secret that only the vendor has. */
async function reopened(
  call: Call,
  kept: KeptBid,
  { committee }: CheckedTender,
): Promise<{ readonly document: BidDocument; readonly secret: BidSecret }> {
  await ready();
  const secret = await kept.secret(await call.lock());
  const isSame = secret.committeeHash === committee.committeeHash;
  check(isSame, 'the bid was sealed for another committee; seal it again');
  const envelope = kept.submission().envelope as Envelope;
  const seed = fromBase64url(secret.seed);
  const outcome = await openOwnBid({ committee, bid: secret.bid, envelope, seed });
  check(outcome.state === 'OPENED', `the envelope does not open: ${outcome.state}`);
  const document = bidDocumentSchema.safeParse(decodeCanonical(fromUtf8(outcome.plain)));
  check(document.success, 'the envelope holds no bid');
  return { document: document.data, secret };
}

function bidFacts(
  { tender }: CheckedTender,
  document: BidDocument,
  { bid, envelopeHash }: BidSecret,
): SignedFacts {
  const { tenderId, title, lots } = tender;
  const lot = lots.find(({ lotId }) => lotId === document.lotId);
  return {
    tender: `${tenderId}: ${title}`,
    lot: `${document.lotId}: ${lot?.title ?? ''}`,
    vendor: bid.vendorId,
    version: String(bid.version),
    amount:
      `${document.total} ${document.currency}, in minor units; ` + `${document.lines.length} lines`,
    documents:
      document.documents.map(({ title: name, sha256 }) => `${name} ${sha256}`).join('; ') || 'none',
    'notice hash': document.noticeHash,
    'envelope hash': envelopeHash,
    deadline: deadlineOf(tender),
  };
}

function bucketOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  // Larger bids would need stores outside the ledger.
  if (!BUCKETS.includes(text)) throw new UsageError(`--bucket takes ${BUCKETS.join(', ')}`);
  return Number(text);
}
