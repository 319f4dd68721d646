/** Runs one published case through the functions that the ledger and its users call. */
import { fromBase64url, fromHex, toBase64url } from '@procurement/protocol';
import { SealError } from '../codes';
import { combine } from '../combine';
import { type Committee, freezeCommittee, recallCommittee } from '../committee';
import type { BidName } from '../context';
import { type Envelope, readEnvelope } from '../envelope';
import { type ListEntry, listHash } from '../list';
import { checkShares } from '../open';
import { checkSelfOpen } from '../self-open';
import { checkSubmission } from '../verify';
import type { VectorCase, VectorInput, VectorSet } from './shared-vectors';

/** base64url of hexadecimal. */
export function recoded(hex: string): string {
  return toBase64url(fromHex(hex));
}

/** A bid's name as the library takes it. */
export function bidNameOf(bid: BidName): BidName {
  return { ...bid, vendorSpki: recoded(bid.vendorSpki) };
}

/** List entries as the library takes them. */
export function listOf(entries: readonly ListEntry[]): ListEntry[] {
  return entries.map((entry) => ({ ...entry, envelopeHash: recoded(entry.envelopeHash) }));
}

/** The envelopes of a set in the order of its list. */
export function envelopesInOrder(set: VectorSet): Envelope[] {
  return set.list.map((entry) => {
    const bid = set.bids.find((one) => one.bidKey === entry.bidKey)!;
    return readEnvelope(bid.envelope).envelope;
  });
}

/** The code of a refusal, a final state, or OK. */
export async function runCase(testCase: VectorCase, set: VectorSet): Promise<string> {
  try {
    return await operations[testCase.op](testCase.input, set);
  } catch (error) {
    if (error instanceof SealError) return error.code;
    throw error;
  }
}

type Operation = (input: VectorInput, set: VectorSet) => string | Promise<string>;

const operations: Readonly<Record<VectorCase['op'], Operation>> = {
  submit: (input, set) => {
    const committee = recallCommittee(input.tender ?? set.tender);
    checkSubmission({
      committee,
      bid: bidNameOf(input.bid!),
      envelope: input.envelope!,
      lastVersion: input.lastVersion!,
    });
    return 'OK';
  },
  committee: (input) => {
    freezeCommittee(input.tender!);
    return 'OK';
  },
  open: (input, set) => {
    const list = listOf(input.list ?? set.list);
    const committee = recallCommittee(set.tender);
    const fixed = { listHash: listHash(set.tender, list), count: list.length };
    const { seat, chunk } = placeOf(input.message!);
    checkShares({
      committee,
      message: input.message!,
      list: input.closed === true ? fixed : undefined,
      deals: envelopesInOrder(set),
      posterSpki: recoded(input.posterSpki!),
      isAccepted: input.posted!.some(([s, c]) => s === seat && c === chunk),
    });
    return 'OK';
  },
  combine: async (input, set) => (await combineCase(input, recallCommittee(set.tender))).state,
  self: (input, set) => {
    checkSelfOpen({
      committee: recallCommittee(set.tender),
      bid: bidNameOf(input.bid!),
      envelope: JSON.parse(input.envelope!) as Envelope,
      message: input.message!,
      isOpenable: input.closed === true,
    });
    return 'OK';
  },
};

async function combineCase(
  input: VectorInput,
  committee: Committee,
): Promise<Awaited<ReturnType<typeof combine>>> {
  const { ct, ...rest } = JSON.parse(input.envelope!) as Envelope;
  const envelope = input.dropCt === true || ct === undefined ? rest : { ...rest, ct };
  const shares = Object.entries(input.shares!).map(([seat, S]) => ({
    seat: Number(seat),
    S: recoded(S),
  }));
  const given = input.ct ?? undefined;
  const ciphertext = given === undefined ? undefined : fromBase64url(given);
  return combine({ committee, bid: bidNameOf(input.bid!), envelope, shares, ciphertext });
}

function placeOf(message: string): { seat: number; chunk: number } {
  return JSON.parse(message) as { seat: number; chunk: number };
}
