/** A whole procedure checked from blocks alone, with no trust in whoever gave them. */
import {
  awardRecordSchema,
  envelopeOf,
  type LotAward,
  Reject,
  type TechnicalResult,
  tenderIdOfEnvelope,
  toBase64url,
} from '@procurement/protocol';
import { ready, SealError } from '@procurement/sealed';
import { check, CheckFailed } from '../check';
import { Configurations } from '../receipts/ordering';
import { LEDGER_TARGET } from '../signed-api';
import type { PinnedRoots } from '../signing/roots';
import { Chain, type ChainTrust, type Placed } from './chain';
import { ProcedureCheck } from './procedure-check';
import { RegisterCheck } from './register-check';
import { StepReader } from './step';
import { checkWritten, recordOf } from './written';

/** What the blocks of a chain say of a tender, each step of it checked. */
export interface VerifiedProcedure {
  readonly tenderId: string;
  readonly blocks: number;
  /** Hash of the first block, base64url: which ledger it is. Two people can compare it. */
  readonly firstBlockHash: string;
  /** Whether who has to sign the blocks follows from a pinned configuration, or from block 0. */
  readonly isConfigurationPinned: boolean;
  /** How often each command on the tender was carried out. */
  readonly steps: Readonly<Record<string, number>>;
  /** Hash of the list of bids, once it is fixed. */
  readonly listHash: string | undefined;
  /** Bids that were taken off the list, since their deals were false. */
  readonly struck: readonly string[];
  /** Second envelopes that stay sealed, since the first did not pass. */
  readonly excluded: readonly string[];
  /** How first envelopes came out, where bids have two, once it is recorded. */
  readonly technical: readonly TechnicalResult[];
  /** Listed bids and how they came out, as opened here. */
  readonly bids: readonly { readonly bidKey: string; readonly state: string }[];
  /** The award, which follows from the bids. */
  readonly lots: readonly LotAward[];
  /** Transactions that the peer of these blocks marked as invalid, by id. */
  readonly leftOut: readonly string[];
}

/**
 * Checks a chain of blocks, and in it one tender: the headers and who ordered them, signatures and
 * endorsements of every transaction, the committee, the deal of every bid, the deadline, the list,
 * every share, every opened text, the evaluation, the tickets, the ranking and the award. Where
 * bids have two envelopes, the tenders for both are checked, whichever is asked for. So are the
 * registers: whoever signed had a key in force, and no key, firm or store changed but by its
 * rules.
 * @param blocks serialised `common.Block`, from the first one on
 * @param options.progress hears how many blocks were checked
 * @throws {CheckFailed} with the sentence that says what does not hold, and its code
 */
export async function verifyProcedure(
  blocks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  options: {
    readonly tenderId: string;
    readonly roots: PinnedRoots;
    /** Blocks of configuration that are pinned, serialised `common.Block`. */
    readonly configurations?: readonly Uint8Array[];
    readonly channel?: string;
    readonly chaincode?: string;
    readonly progress?: (blocks: number) => void;
  },
): Promise<VerifiedProcedure> {
  await ready();
  const { tenderId, roots, progress } = options;
  const { channel, chaincode } = { ...LEDGER_TARGET, ...options };
  const configurations = new Configurations({ roots, channel });
  for (const pinned of options.configurations ?? []) await configurations.pin(pinned);
  const trust: ChainTrust = { roots, channel, chaincode, configurations };
  const chain = new Chain(trust);
  const steps = new StepReader();
  const register = new RegisterCheck(chain, trust);
  const procedures = proceduresOf(chain, trust, tenderId);
  const take = async (placed: Placed): Promise<void> => {
    const step = await steps.read(placed);
    if (step === undefined) return;
    checkWritten(step);
    await register.take(step);
    for (const procedure of procedures.values()) await procedure.take(step);
  };
  for await (const bytes of blocks) {
    await inBlock(chain.height, () => chain.append(bytes, take));
    progress?.(chain.height);
  }
  const ending = 'these blocks end before the configuration that is pinned';
  check(configurations.isMet, ending, 'CONFIGURATION');
  const procedure = procedures.get(tenderId);
  const isThere = procedure !== undefined && procedure.counts.size > 0;
  check(isThere, `these blocks have no tender ${tenderId}`);
  return {
    ...{ tenderId, blocks: chain.height, firstBlockHash: toBase64url(chain.firstHash) },
    isConfigurationPinned: configurations.isPinned,
    ...{ steps: Object.fromEntries(procedure.counts), leftOut: chain.leftOut },
    ...{ excluded: procedure.excluded, technical: procedure.technical ?? [] },
    ...foundBids(procedure),
    lots: awardIn(chain, tenderId),
  };
}

/** The checks of a tender, and of the other envelope's, the first one first. */
function proceduresOf(
  chain: Chain,
  trust: ChainTrust,
  tenderId: string,
): ReadonlyMap<string, ProcedureCheck> {
  if (envelopeOf(tenderId) === undefined) {
    return new Map([[tenderId, new ProcedureCheck(chain, trust, { tenderId })]]);
  }
  const firstId = tenderIdOfEnvelope(tenderId, 'technical');
  const secondId = tenderIdOfEnvelope(tenderId, 'financial');
  const first = new ProcedureCheck(chain, trust, { tenderId: firstId });
  const second = new ProcedureCheck(chain, trust, { tenderId: secondId, first });
  return new Map([
    [firstId, first],
    [secondId, second],
  ]);
}

function foundBids({
  opening,
}: ProcedureCheck): Pick<VerifiedProcedure, 'listHash' | 'struck' | 'bids'> {
  if (opening === undefined) return { listHash: undefined, struck: [], bids: [] };
  const { listHash, struck, listed } = opening;
  const bids = listed.map(({ bidKey }) => ({ bidKey, state: opening.stateOf(bidKey) }));
  return { listHash, struck, bids };
}

function awardIn(chain: Chain, tenderId: string): readonly LotAward[] {
  const award = chain.value('award', tenderId);
  return award === undefined ? [] : awardRecordSchema.parse(recordOf(award)).lots;
}

/** Whatever does not hold is told with the number of its block. */
async function inBlock(number: number, checking: () => Promise<void>): Promise<void> {
  try {
    await checking();
  } catch (error) {
    const { code, sentence } = failureOf(error);
    throw new CheckFailed(`block ${number}: ${sentence}`, { cause: error, code });
  }
}

function failureOf(error: unknown): { readonly code: string; readonly sentence: string } {
  if (error instanceof CheckFailed) return { code: error.code, sentence: error.message };
  if (error instanceof SealError) {
    return { code: error.code, sentence: `${error.code} at ${error.item}` };
  }
  const reason = error instanceof Error ? error.message : String(error);
  const said =
    error instanceof Reject ? `is not of its form: ${error.code}` : `cannot be read: ${reason}`;
  return { code: 'UNREADABLE', sentence: `what is written ${said}` };
}
