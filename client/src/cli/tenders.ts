/** `procure tender`: what a buyer does with a notice, and what everyone may look at. */
import {
  type CommandInput,
  deadlineOf,
  type TenderDraft,
  type TenderView,
} from '@procurement/protocol';
import { freezeCommittee, ready } from '@procurement/sealed';
import { check } from '../check';
import { noticeHashOf } from '../committee';
import type { Call, Report, SignedFacts } from './call';
import { envelopeFacts, isWaiting, TWO_ENVELOPES_HELP } from './envelopes';
import { readJson } from './files';
import { placeLines } from './place';
import { requestIdOf, wordIdOf } from './request-id';
import { table } from './table';
import { type TaskGroup, TENDER_OPERAND } from './task';
import { UsageError } from './usage-error';

const TENDER = [TENDER_OPERAND];
const DRAFTS_HELP =
  `${TWO_ENVELOPES_HELP} Draft the technical one first; the financial one asks for the same. ` +
  'Publish the financial one first.';

/** The commands on tenders. */
export const TENDERS: TaskGroup = {
  name: 'tender',
  about: 'Draft, publish, amend, close and cancel a tender; look at tenders.',
  tasks: [
    {
      name: 'create',
      about: `Hand in the draft of a tender; the seats it names can then join. ${DRAFTS_HELP}`,
      operands: [['<draft.json>', 'lots, items, deadline, committee']],
      run: create,
    },
    {
      name: 'publish',
      about: 'Publish the notice and freeze the committee.',
      operands: TENDER,
      run: publish,
    },
    {
      name: 'amend',
      about: 'Amend a published notice; bids must be confirmed anew.',
      operands: TENDER,
      options: [
        ['--text <text>', 'what changes, and why'],
        ['--deadline <instant>', 'a later deadline, such as 2026-12-01T10:00:00.000Z'],
        ['--documents <file.json>', 'further documents, a list as in a draft'],
      ],
      run: amend,
    },
    {
      name: 'close',
      about:
        'After deadline and grace: end the submission and fix the list of bids. Of two envelopes ' +
        'close the technical one; the financial one closes with it.',
      operands: TENDER,
      run: close,
    },
    {
      name: 'cancel',
      about: 'Cancel a tender before its award; two envelopes of the same bids end together.',
      operands: TENDER,
      options: [['--reason <text>', 'why']],
      run: cancel,
    },
    { name: 'show', about: 'Show a tender and its state.', operands: TENDER, run: show },
    {
      name: 'record',
      about: 'Print everything that the ledger holds of a tender, as JSON.',
      operands: TENDER,
      run: record,
    },
    { name: 'list', about: 'List the tenders that you may see.', run: list },
  ],
};

async function create(call: Call): Promise<Report> {
  const tender = readJson(call.operand(0)) as TenderDraft;
  await call.confirm('the draft of a tender', {
    ...factsOf(tender),
    seats: `${tender.committee.t} of ${tender.committee.seats.length} open`,
  });
  const requestId = await requestIdOf('create', tender);
  const outcome = await (await call.api()).createTender({ requestId, tender });
  return {
    value: outcome,
    lines: [`Drafted ${tender.tenderId}; its seats can join now.`, ...placeLines(outcome)],
  };
}

/** What would be frozen is worked out here and held against the answer. */
async function publish(call: Call): Promise<Report> {
  await ready();
  const tenderId = call.operand(0);
  const api = await call.api();
  const [tender, view] = await Promise.all([api.tender(tenderId), api.committee(tenderId)]);
  const { committeeHash } = freezeCommittee({ ...view, keys: view.records });
  const noticeHash = await noticeHashOf(tender, committeeHash);
  await call.confirm('the notice, which nobody can take back', {
    ...factsOf(tender),
    'notice hash': noticeHash,
    'committee hash': committeeHash,
  });
  const requestId = await requestIdOf('publish', { tenderId });
  const outcome = await api.publish(tenderId, { requestId });
  const { result } = outcome;
  const isSame = result.noticeHash === noticeHash && result.committeeHash === committeeHash;
  check(isSame, 'what was published is not what was shown here');
  return {
    value: outcome,
    lines: [`Published ${tenderId}.`, `notice hash ${noticeHash}`, ...placeLines(outcome)],
  };
}

async function amend(call: Call): Promise<Report> {
  const [tenderId, text] = [call.operand(0), call.need('text')];
  const [deadline, file] = [call.option('deadline'), call.option('documents')];
  const documents = file === undefined ? undefined : readDocuments(file);
  const content = {
    text,
    ...(deadline === undefined ? {} : { deadline }),
    ...(documents === undefined ? {} : { documents }),
  };
  await call.confirm('an amendment; every bid must be confirmed anew', {
    ...{ tender: tenderId, text, deadline: deadline ?? 'as before' },
    documents: documents === undefined ? 'as before' : `${documents.length} more`,
  });
  const requestId = await requestIdOf('amend', { tenderId, ...content });
  const outcome = await (await call.api()).amend(tenderId, { requestId, ...content });
  const { number, noticeHash } = outcome.result;
  return {
    value: outcome,
    lines: [
      `Amendment ${number} of ${tenderId} is published.`,
      `notice hash ${noticeHash}`,
      ...placeLines(outcome),
    ],
  };
}

async function close(call: Call): Promise<Report> {
  const tenderId = call.operand(0);
  await call.confirm('the close: no bid can come in after it', { tender: tenderId });
  const requestId = await requestIdOf('close', { tenderId });
  const outcome = await (await call.api()).close(tenderId, { requestId });
  return {
    value: outcome,
    lines: [`Closed ${tenderId}.`, `list hash ${outcome.result.listHash}`, ...placeLines(outcome)],
  };
}

async function cancel(call: Call): Promise<Report> {
  const [tenderId, reason] = [call.operand(0), call.need('reason')];
  await call.confirm('the end of a tender without award', { tender: tenderId, reason });
  const requestId = await wordIdOf('cancel', { tenderId, reason });
  const outcome = await (await call.api()).cancel(tenderId, { requestId, reason });
  const told = outcome.result.cancelled
    ? `Cancelled ${tenderId}.`
    : 'Recorded. It is cancelled once the other organisation, buyer or auditor, has asked as well.';
  return { value: outcome, lines: [told, ...placeLines(outcome)] };
}

async function show(call: Call): Promise<Report> {
  const tender = await (await call.api()).tender(call.operand(0));
  const { published, amendments = [], listFixed } = tender;
  const facts = {
    ...factsOf(tender),
    state: tender.state,
    ...(published === undefined ? {} : { 'notice hash': published.noticeHash }),
    ...(amendments.length === 0
      ? {}
      : { amendments: amendments.map(({ text }) => text).join('; ') }),
    ...(listFixed === undefined ? {} : { 'list hash': listFixed.listHash }),
    ...(isWaiting(tender) ? { waits: 'until the first envelopes are judged' } : {}),
  };
  const lines = Object.entries(facts).map(([name, value]) => `${name.padEnd(12)} ${value}`);
  return { value: tender, lines };
}

async function record(call: Call): Promise<Report> {
  const held = await (await call.api()).record(call.operand(0));
  return { value: held, lines: [JSON.stringify(held, undefined, 2)] };
}

async function list(call: Call): Promise<Report> {
  const answer = await (await call.api()).tenders();
  const rows = answer.tenders.map(({ tenderId, state, deadline, title }) => {
    return [tenderId, state, deadline, title];
  });
  return { value: answer, lines: [table(['TENDER', 'STATE', 'DEADLINE', 'TITLE'], rows)] };
}

/** A tender as its signer must see it. */
export function factsOf(tender: TenderDraft & Partial<TenderView>): SignedFacts {
  const { tenderId, title, buyer, lots, items } = tender;
  return {
    tender: `${tenderId}: ${title}`,
    ...envelopeFacts(tenderId),
    buyer: `${buyer.name} (${buyer.agency})`,
    lots: lots.map(({ lotId, title: lot }) => `${lotId}: ${lot}`).join('; '),
    items: String(items.length),
    deadline: deadlineOf(tender),
  };
}

function readDocuments(file: string): NonNullable<CommandInput<'tender:amend'>['documents']> {
  const { documents } = readJson(file) as { readonly documents?: unknown };
  if (!Array.isArray(documents)) throw new UsageError(`${file} holds no list "documents"`);
  return documents as NonNullable<CommandInput<'tender:amend'>['documents']>;
}
