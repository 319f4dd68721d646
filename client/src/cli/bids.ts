/** `procure bid`: what a vendor does with a bid, from the sealing to the opening. */
import {
  deadlineOf,
  fromBase64url,
  fromUtf8,
  type Receipt,
  type TenderView,
  toBase64url,
} from '@procurement/protocol';
import {
  type Committee,
  type Envelope,
  makeSelfOpen,
  openOwnBid,
  ready,
} from '@procurement/sealed';
import type { ProcurementApi } from '../api';
import { type AnyBidDocument, readBidText } from '../bid-text';
import { check } from '../check';
import { readCommittee, requireListFixed } from '../committee';
import { verifyReceipt } from '../receipts/verify-receipt';
import { type BidSecret, type BidSubmission, sealBid, withReceipts } from '../sealing';
import { ApiUnreachable } from '../http';
import { isUnknown, SignedApi } from '../signed-api';
import { BID_LIST, stateOf } from './bid-list';
import type { Call, Report, SignedFacts } from './call';
import { DOCUMENTS, enclosuresOf } from './documents';
import { bidderName, envelopeFacts, requireJudged } from './envelopes';
import { readJson } from './files';
import { KeptBid } from './folder/kept-bids';
import { placeLines } from './place';
import { requestIdOf } from './request-id';
import { openStores } from './stores';
import { type TaskGroup, TENDER_OPERAND } from './task';
import { UsageError } from './usage-error';

const LOT = ['<lotId>', 'the lot'] as const;
const FILE = [
  '<bid.json>',
  'the bid: lot, lines and total, or of a first envelope (<id>.technical) lot and statement',
] as const;
const SEALING = [
  ['--document <file...>', 'a document that the bid encloses; two stores keep it, sealed'],
  ['--store <storeId...>', 'the two stores, instead of the first two of the register'],
  ['--bucket <bytes>', 'a larger size, 4096, 16384 or 65536, to hide how long the bid is'],
] as const;
const BUCKETS = ['1024', '4096', '16384', '65536'];

/** The commands on bids. */
export const BIDS: TaskGroup = {
  name: 'bid',
  about:
    'Seal a bid on this machine, hand it in, and check what became of it. Officers of the buyer ' +
    'do the same with the official estimate.',
  tasks: [
    {
      name: 'seal',
      about: 'Seal a bid and keep envelope and secret in your folder; nothing is handed in.',
      operands: [TENDER_OPERAND, FILE],
      options: SEALING,
      run: async (call) => (await sealed(call)).report,
    },
    {
      name: 'submit',
      about: 'Hand in the bid that was sealed last for a lot.',
      operands: [TENDER_OPERAND, LOT],
      run: async (call) =>
        submit(
          call,
          KeptBid.find(call.folder(), { tenderId: call.operand(0), lotId: call.operand(1) }),
        ),
    },
    {
      name: 'replace',
      about: 'Seal a bid and hand it in as the next version in one step.',
      operands: [TENDER_OPERAND, FILE],
      options: SEALING,
      run: async (call) => submit(call, (await sealed(call)).kept),
    },
    {
      name: 'confirm',
      about: 'Confirm your bid for the notice as it stands after an amendment.',
      operands: [TENDER_OPERAND, LOT],
      run: confirm,
    },
    {
      name: 'withdraw',
      about: 'Withdraw your bid for a lot.',
      operands: [TENDER_OPERAND, LOT],
      run: withdraw,
    },
    {
      name: 'verify',
      about: 'Check the receipt, re-open your own bid, and hold it against the ledger.',
      operands: [TENDER_OPERAND, LOT],
      options: [['--offline', 'ask nobody: receipt and secret alone']],
      run: verify,
    },
    {
      name: 'self-open',
      about: 'Open your own listed bid where the committee does not.',
      operands: [TENDER_OPERAND, LOT],
      run: selfOpen,
    },
    DOCUMENTS,
    BID_LIST,
  ],
};

async function sealed(call: Call): Promise<{ readonly kept: KeptBid; readonly report: Report }> {
  const [tenderId, written] = [call.operand(0), readJson(call.operand(1))];
  const folder = call.folder();
  const bucket = bucketOf(call.option('bucket'));
  const documents = enclosuresOf(call.options('document'));
  const [named, api, witness] = [call.options('store'), await call.api(), await call.witness()];
  const stores = named.length === 0 ? undefined : named;
  const prepared = await sealBid({ api, witness, tenderId, written, documents, stores, bucket });
  const view = await api.committee(tenderId);
  const kept = await KeptBid.keep(folder, { ...prepared, view }, await call.lock());
  const { bid, envelopeHash, committeeHash } = prepared.secret;
  const { lotId, version } = bid;
  const about = { tenderId, lotId, version, envelopeHash, committeeHash };
  return {
    kept,
    report: {
      value: { ...about, envelope: kept.envelopeFile, stores: prepared.stores },
      lines: [
        `Sealed version ${version} for lot ${lotId}; nothing is handed in yet.`,
        `envelope hash   ${envelopeHash}`,
        `committee hash  ${committeeHash}`,
        `notice hash     ${prepared.submission.noticeHash}`,
        `envelope        ${kept.envelopeFile}`,
        `secret          ${kept.secretFile}  (encrypted; keep a copy)`,
        ...(prepared.stores.length === 0
          ? []
          : [`for the stores  ${documents.length} documents, to ${prepared.stores.join(' and ')}`]),
        `To hand it in: procure bid submit ${tenderId} ${lotId}`,
      ],
    },
  };
}

async function submit(call: Call, kept: KeptBid): Promise<Report> {
  const { tenderId, lotId, version } = kept.name;
  const api = await call.api();
  const checked = await readCommittee({ api, witness: await call.witness(), tenderId });
  const { document, secret } = await reopened(call, kept, checked.committee);
  await call.confirm('your bid', bidFacts(document, secret, checked.tender));
  const due = deadlineOf(checked.tender);
  const submission = await receipted(call, kept, secret);
  const outcome = await api.submitBid(tenderId, submission).catch(overdue(due));
  const receipt = await receiptOf(call, api, outcome).catch(overdue(due));
  if (receipt !== undefined) {
    const { envelopeHash } = await verifyReceipt(receipt, await call.folder().pins());
    check(envelopeHash === secret.envelopeHash, 'the receipt is for another envelope');
    kept.keepReceipt(receipt);
  }
  return {
    value: { ...outcome, receipt: receipt === undefined ? undefined : kept.receiptFile },
    lines: [
      `Handed in version ${version} for lot ${lotId} of ${tenderId}.`,
      ...placeLines(outcome),
      ...(receipt === undefined ? [] : [`receipt ${kept.receiptFile}, verified`]),
    ],
  };
}

/**
 * What is handed in, after its stores have got their part. Receipts are kept before they are used:
 * the same command again sends the same bytes, which count once.
 */
async function receipted(call: Call, kept: KeptBid, secret: BidSecret): Promise<BidSubmission> {
  const submission = kept.submission();
  const ciphertexts = await kept.ciphertexts();
  if (submission.receipts !== undefined || ciphertexts.length === 0) return submission;
  const stores = kept.stores();
  const prepared = { submission, secret, ciphertexts, stores };
  const complete = await withReceipts(prepared, await openStores(call, stores));
  kept.keepSubmission(complete);
  return complete;
}

/** A bid counts once it is on the ledger by the deadline, and a receipt shows that it is. */
function overdue(due: string): (error: unknown) => never {
  return (error) => {
    if (!isUnknown(error)) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new ApiUnreachable(
      `${why}. There is no receipt, which is due by ${due}: hand the same bid in again before, ` +
        "here or at another organisation's gateway (--url)",
      { cause: error },
    );
  };
}

/** A service account's gateway holds its key, and gives no receipts. */
async function receiptOf(
  call: Call,
  api: ProcurementApi,
  { transactionId }: { readonly transactionId: string },
): Promise<Receipt | undefined> {
  if (!(api instanceof SignedApi)) return undefined;
  call.progress('Waiting for the receipt …');
  return api.receipt(transactionId);
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
  const requestId = await requestIdOf('confirm', { tenderId, lotId, noticeHash });
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
  const requestId = await requestIdOf('withdraw', { tenderId, lotId, version });
  const outcome = await api.withdrawBid(tenderId, { requestId, lotId });
  return { value: outcome, lines: [`Withdrew your bid for lot ${lotId}.`, ...placeLines(outcome)] };
}

/**
 * The receipt and the own secret need no network: the committee lies beside the envelope. What the
 * ledger says of the bid is asked unless it is left out.
 */
async function verify(call: Call): Promise<Report> {
  const [tenderId, lotId] = [call.operand(0), call.operand(1)];
  const folder = call.folder();
  const kept = KeptBid.find(folder, { tenderId, lotId });
  const { document, secret } = await reopened(call, kept, await kept.committee());
  const { envelopeHash } = secret;
  const receipt = kept.receipt();
  const shown =
    receipt === undefined ? undefined : await verifyReceipt(receipt, await folder.pins());
  const isFor = shown === undefined || shown.envelopeHash === envelopeHash;
  check(isFor, 'the receipt is for another envelope');
  const state = call.flag('offline') ? undefined : await stateOnLedger(call, secret);
  const { version } = secret.bid;
  const { transactionId, blockNumber, at, attestedBy = [], endorsers = [] } = shown ?? {};
  return {
    value: { tenderId, lotId, version, envelopeHash, state, document, receipt: shown },
    lines: [
      ...(state === undefined
        ? []
        : [`The ledger holds the bid that was sealed here: version ${version}, ${state}.`]),
      ...(shown === undefined
        ? ['There is no receipt of this version.']
        : [
            `The receipt holds: transaction ${String(transactionId)}, block ${String(blockNumber)},`,
            `signed at ${String(at)}, endorsed by ${endorsers.join(' and ')},`,
            `held as valid by ${attestedBy.join(' and ')}.`,
          ]),
      ...factLines(bidFacts(document, secret)),
    ],
  };
}

async function stateOnLedger(call: Call, secret: BidSecret): Promise<string> {
  const { bid, envelopeHash, tenderId } = secret;
  const { bids } = await (await call.api()).bids(tenderId);
  const { lotId, version, vendorId } = bid;
  const there = bids.find((one) => one.lotId === lotId && one.vendorId === vendorId);
  check(there !== undefined, `the ledger has no bid of ${vendorId} for lot ${lotId}`);
  const isSame = there.version === version && there.envelopeHash === envelopeHash;
  check(isSame, `the ledger has another bid: version ${there.version}, ${there.envelopeHash}`);
  return stateOf(there);
}

async function selfOpen(call: Call): Promise<Report> {
  await ready();
  const [tenderId, lotId] = [call.operand(0), call.operand(1)];
  const kept = KeptBid.find(call.folder(), { tenderId, lotId });
  const api = await call.api();
  await requireJudged(api, tenderId);
  const checked = await readCommittee({ api, witness: await call.witness(), tenderId });
  const { document, secret } = await reopened(call, kept, checked.committee);
  requireListFixed(checked.tender);
  await call.confirm('the opening of your own bid, for everyone to read', {
    ...bidFacts(document, secret, checked.tender),
  });
  const selfOpening = makeSelfOpen({
    ...{ committee: checked.committee, bid: secret.bid },
    seed: fromBase64url(secret.seed),
  });
  const requestId = `self-open-${secret.envelopeHash}`;
  const own = await kept.ciphertext();
  const bytes = own === undefined ? {} : { ciphertext: toBase64url(own) };
  const outcome = await api.selfOpen(tenderId, { requestId, selfOpen: selfOpening, ...bytes });
  return {
    value: outcome,
    lines: [`Opened your bid for lot ${lotId}.`, ...placeLines(outcome)],
  };
}

/** What lies in the envelope, opened here from the secret that only the vendor has. */
async function reopened(
  call: Call,
  kept: KeptBid,
  committee: Committee,
): Promise<{ readonly document: AnyBidDocument; readonly secret: BidSecret }> {
  await ready();
  const secret = await kept.secret(await call.lock());
  const isSame = secret.committeeHash === committee.committeeHash;
  check(isSame, 'the bid was sealed for another committee; seal it again');
  const envelope = kept.submission().envelope as Envelope;
  const seed = fromBase64url(secret.seed);
  const ciphertext = await kept.ciphertext();
  const outcome = await openOwnBid({ committee, bid: secret.bid, envelope, seed, ciphertext });
  check(outcome.state === 'OPENED', `the envelope does not open: ${outcome.state}`);
  const document = readBidText(secret.tenderId, fromUtf8(outcome.plain));
  check(document !== undefined, 'the envelope holds no bid');
  return { document, secret };
}

/** A bid as its signer must see it; with the tender where that is at hand. */
function bidFacts(
  document: AnyBidDocument,
  { bid, envelopeHash, tenderId }: BidSecret,
  tender?: TenderView,
): SignedFacts {
  const { lotId, documents, noticeHash } = document;
  const lot = tender?.lots.find((one) => one.lotId === lotId);
  return {
    tender: tender === undefined ? tenderId : `${tenderId}: ${tender.title}`,
    lot: lot === undefined ? lotId : `${lotId}: ${lot.title}`,
    ...envelopeFacts(tenderId),
    bidder: bidderName(bid.vendorId),
    version: String(bid.version),
    ...offerFacts(document),
    documents: documents.map(({ title, sha256 }) => `${title} ${sha256}`).join('; ') || 'none',
    'notice hash': noticeHash,
    'envelope hash': envelopeHash,
    ...(tender === undefined
      ? {}
      : { deadline: deadlineOf(tender), 'receipt due': deadlineOf(tender) }),
  };
}

/** What is offered: of a first envelope the statement, which has no amount. */
function offerFacts(document: AnyBidDocument): SignedFacts {
  if ('statement' in document) return { statement: document.statement };
  const { total, currency, lines } = document;
  return { amount: `${total} ${currency}, in minor units; ${lines.length} lines` };
}

function factLines(facts: SignedFacts): string[] {
  return Object.entries(facts).map(([name, value]) => `${name.padEnd(14)} ${value}`);
}

function bucketOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!BUCKETS.includes(text)) throw new UsageError(`--bucket takes ${BUCKETS.join(', ')}`);
  return Number(text);
}
