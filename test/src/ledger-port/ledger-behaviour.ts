import { common, msp, peer } from '@hyperledger/fabric-protos';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  BlocksInterrupted,
  EndorseRefused,
  EvaluateRefused,
  LedgerUnreachable,
  StatusUnknown,
  SubmitRefused,
} from '@procurement/gateway';
import type {
  AdapterOptions,
  Creator,
  Endorsement,
  Identity,
  LedgerBlock,
  LedgerPort,
  Proposal,
  Sign,
} from '@procurement/gateway';

/** What the table needs to make and feed an implementation. */
export interface LedgerUnderTest {
  /** An implementation with these changes to its usual options. */
  make(changes?: Partial<AdapterOptions>): LedgerPort;
  /** A user of the ministry. */
  ministry(): Identity;
  /** A user of the vendors. */
  vendor(): Identity;
}

const VALID = 0;
const MVCC_READ_CONFLICT = 11;
const TRANSACTION_ID = /^[0-9a-f]{64}$/;

let keys = 0;
/** A key that no other test uses, also not in another run of the table. */
function newKey(): string {
  keys += 1;
  return `key-${process.hrtime.bigint().toString(36)}-${keys}`;
}

const creatorOf = ({ mspId, certificate }: Identity): Creator => ({ mspId, certificate });
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');

function propose(
  ledger: LedgerPort,
  by: Identity,
  call: readonly [string, ...string[]],
): Promise<Proposal> {
  const [transaction, ...args] = call;
  return ledger.propose({ creator: creatorOf(by), transaction, args });
}

async function endorse(
  ledger: LedgerPort,
  by: Identity,
  call: readonly [string, ...string[]],
): Promise<Endorsement> {
  return ledger.endorse(await propose(ledger, by, call), by.sign);
}

async function commit(ledger: LedgerPort, by: Identity, endorsement: Endorsement): Promise<number> {
  const submission = await ledger.submit(endorsement, by.sign);
  return (await ledger.status(submission, by.sign)).code;
}

async function evaluate(
  ledger: LedgerPort,
  by: Identity,
  call: readonly [string, ...string[]],
): Promise<string> {
  return textOf(await ledger.evaluate(await propose(ledger, by, call), by.sign));
}

/** The value as a row of a table would give it back. */
function stored<Step extends object>(step: Step): Step {
  const text = JSON.stringify(step, (_, value: unknown) =>
    value instanceof Uint8Array ? { base64: Buffer.from(value).toString('base64') } : value,
  );
  // Buffer has a toJSON of its own, which runs before the replacer.
  return JSON.parse(
    text,
    (_, value: { base64?: string; type?: string; data?: number[] } | null) => {
      if (typeof value?.base64 === 'string') return Buffer.from(value.base64, 'base64');
      return value?.type === 'Buffer' ? Buffer.from(value.data ?? []) : value;
    },
  ) as Step;
}

async function take(
  blocks: AsyncIterable<LedgerBlock>,
  until: (block: LedgerBlock) => boolean,
): Promise<bigint[]> {
  const numbers: bigint[] = [];
  for await (const block of blocks) {
    numbers.push(block.number);
    if (until(block)) break;
  }
  return numbers;
}

/** Behaviour that every implementation of the ledger port has. */
export function shouldBehaveLikeALedger(under: LedgerUnderTest): void {
  let ledger: LedgerPort;
  beforeAll(() => {
    ledger = under.make();
  });
  afterAll(() => ledger.close());

  describe('a transaction', () => {
    test('is committed in three steps and changes the ledger with the last', async () => {
      const by = under.ministry();
      const key = newKey();
      const endorsement = await endorse(ledger, by, ['put', key, 'hello']);
      expect(await evaluate(ledger, by, ['get', key])).toBe('');

      const submission = await ledger.submit(endorsement, by.sign);
      const status = await ledger.status(submission, by.sign);

      expect(endorsement.transactionId).toMatch(TRANSACTION_ID);
      expect(status).toEqual({
        transactionId: endorsement.transactionId,
        blockNumber: expect.any(BigInt),
        code: VALID,
      });
      expect(await evaluate(ledger, by, ['get', key])).toBe('hello');
    });

    test('answers what the chaincode answered', async () => {
      const by = under.vendor();
      const endorsement = await endorse(ledger, by, ['putThenGet', newKey(), 'new']);
      expect(textOf(endorsement.result)).toBe('');
      const counted = await endorse(ledger, by, ['bump', newKey()]);
      expect(textOf(counted.result)).toBe('1');
    });

    test('goes on from values that were stored in between, in another instance', async () => {
      const by = under.ministry();
      const other = under.make();
      const key = newKey();
      const proposal = stored(await propose(ledger, by, ['put', key, 'stored']));
      const endorsement = stored(await other.endorse(proposal, by.sign));
      const submission = stored(await ledger.submit(endorsement, by.sign));
      const status = await other.status(submission, by.sign);
      await other.close();

      expect(status.code).toBe(VALID);
      expect(status.transactionId).toBe(proposal.transactionId);
      expect(await evaluate(ledger, by, ['get', key])).toBe('stored');
    });

    test('is signed over exactly the bytes that the steps show', async () => {
      const by = under.ministry();
      const signed: string[] = [];
      const watch: Sign = (message) => {
        signed.push(Buffer.from(message).toString('base64'));
        return by.sign(message);
      };
      const proposal = await propose(ledger, by, ['put', newKey(), 'x']);
      const endorsement = await ledger.endorse(proposal, watch);
      await ledger.submit(endorsement, watch);

      expect(signed).toContain(Buffer.from(proposal.bytes).toString('base64'));
      expect(signed).toContain(Buffer.from(endorsement.payload).toString('base64'));
    });

    test('that read what another has changed since is committed as a conflict', async () => {
      const by = under.ministry();
      const key = newKey();
      const first = await endorse(ledger, by, ['bump', key]);
      const second = await endorse(ledger, under.vendor(), ['bump', key]);

      expect(await commit(ledger, by, first)).toBe(VALID);
      expect(await commit(ledger, under.vendor(), second)).toBe(MVCC_READ_CONFLICT);
      expect(await evaluate(ledger, by, ['get', key])).toBe('1');
    });

    test('that is submitted twice counts once', async () => {
      const by = under.ministry();
      const key = newKey();
      const endorsement = await endorse(ledger, by, ['bump', key]);
      await ledger.submit(endorsement, by.sign);
      await ledger.submit(endorsement, by.sign);

      const status = await ledger.status(endorsement, by.sign);
      expect(status.code).toBe(VALID);
      expect(await evaluate(ledger, by, ['get', key])).toBe('1');
    });

    test('is one of many at the same time', async () => {
      const by = under.ministry();
      const codes = await Promise.all(
        Array.from({ length: 20 }, async () =>
          commit(ledger, by, await endorse(ledger, by, ['put', newKey(), 'x'])),
        ),
      );
      expect(codes).toEqual(codes.map(() => VALID));
    });
  });

  describe('a refusal', () => {
    test('of the chaincode to endorse carries its words and the transaction id', async () => {
      const by = under.ministry();
      const proposal = await propose(ledger, by, ['fail', 'REJECT {"args":{},"code":"X"}']);
      const error = await ledger.endorse(proposal, by.sign).catch((thrown: unknown) => thrown);

      expect(error).toBeInstanceOf(EndorseRefused);
      const refused = error as EndorseRefused;
      expect(refused.transactionId).toBe(proposal.transactionId);
      expect(refused.text).toContain('REJECT {"args":{},"code":"X"}');
      expect(refused.details.length).toBeGreaterThan(0);
    });

    test('of the chaincode to answer carries its words', async () => {
      const by = under.vendor();
      const error = await evaluate(ledger, by, ['fail', 'not today']).catch(
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(EvaluateRefused);
      expect((error as EvaluateRefused).text).toContain('not today');
    });

    test('of a proposal that somebody else signed comes from the peers', async () => {
      const proposal = await propose(ledger, under.ministry(), ['put', newKey(), 'x']);
      await expect(ledger.endorse(proposal, under.vendor().sign)).rejects.toBeInstanceOf(
        EndorseRefused,
      );
      await expect(ledger.evaluate(proposal, under.vendor().sign)).rejects.toBeInstanceOf(
        EvaluateRefused,
      );
    });

    test('of a transaction that somebody else signed comes from the orderer', async () => {
      const endorsement = await endorse(ledger, under.ministry(), ['put', newKey(), 'x']);
      await expect(ledger.submit(endorsement, under.vendor().sign)).rejects.toBeInstanceOf(
        SubmitRefused,
      );
    });

    test('of the signing function passes through unchanged', async () => {
      const by = under.ministry();
      const refusal = new Error('the user said no');
      const proposal = await propose(ledger, by, ['put', newKey(), 'x']);
      await expect(ledger.endorse(proposal, () => Promise.reject(refusal))).rejects.toBe(refusal);
    });
  });

  describe('a status', () => {
    test('is answered again later, to an instance that saw none of it', async () => {
      const by = under.ministry();
      const endorsement = await endorse(ledger, by, ['put', newKey(), 'x']);
      await ledger.submit(endorsement, by.sign);
      const first = await ledger.status(endorsement, by.sign);
      await commit(ledger, by, await endorse(ledger, by, ['put', newKey(), 'x']));

      const other = under.make();
      const { transactionId, creator } = endorsement;
      expect(await other.status({ transactionId, creator }, by.sign)).toEqual(first);
      await other.close();
    });

    test('of a transaction that no block holds stays unknown', async () => {
      const by = under.ministry();
      const impatient = under.make({ commitTimeoutMs: 300 });
      const { transactionId, creator } = await endorse(ledger, by, ['put', newKey(), 'x']);
      const error = await impatient
        .status({ transactionId, creator }, by.sign)
        .catch((thrown: unknown) => thrown);
      await impatient.close();

      expect(error).toBeInstanceOf(StatusUnknown);
      expect((error as StatusUnknown).transactionId).toBe(transactionId);
    });
  });

  describe('the blocks', () => {
    test('come from the first one on, in order, up to a new one', async () => {
      const by = under.ministry();
      const endorsement = await endorse(ledger, by, ['put', newKey(), 'x']);
      await ledger.submit(endorsement, by.sign);
      const { blockNumber } = await ledger.status(endorsement, by.sign);

      const blocks = ledger.blocks({ creator: creatorOf(by), from: 0n }, by.sign);
      const numbers = await take(blocks, (block) => block.number >= blockNumber);
      expect(numbers).toEqual(numbers.map((_, index) => BigInt(index)));
      expect(numbers.at(-1)).toBe(blockNumber);
    });

    test('that do not exist yet are waited for, and hold the transaction', async () => {
      const by = under.vendor();
      const first = await endorse(ledger, by, ['put', newKey(), 'x']);
      await ledger.submit(first, by.sign);
      const { blockNumber } = await ledger.status(first, by.sign);
      const received: LedgerBlock[] = [];
      const waiting = take(
        ledger.blocks({ creator: creatorOf(by), from: blockNumber + 1n }, by.sign),
        (block) => received.push(block) > 0,
      );
      const second = await endorse(ledger, by, ['put', newKey(), 'x']);
      await ledger.submit(second, by.sign);

      expect(await waiting).toEqual([blockNumber + 1n]);
      const [block] = received;
      expect(Buffer.from(block!.bytes).includes(second.transactionId)).toBe(true);
    });

    test('end without an error when they are no longer wanted', async () => {
      const by = under.ministry();
      const abort = new AbortController();
      const request = { creator: creatorOf(by), from: 0n, signal: abort.signal };
      let last = -1n;
      for await (const block of ledger.blocks(request, by.sign)) {
        last = block.number;
        abort.abort();
      }
      expect(last).toBeGreaterThanOrEqual(0n);
    });

    test('break with an error where the request is signed by somebody else', async () => {
      const blocks = ledger.blocks(
        { creator: creatorOf(under.ministry()), from: 0n },
        under.vendor().sign,
      );
      await expect(take(blocks, () => true)).rejects.toBeInstanceOf(BlocksInterrupted);
    });
  });

  test('one organization alone answers a query of anybody, under its own signature', async () => {
    const { sign, ...by } = under.ministry();
    const call = { chaincode: 'qscc', transaction: 'GetChainInfo', args: ['procurement'] };
    expect(ledger.organizations).toEqual(expect.arrayContaining(['MinistryMSP', 'VendorMSP']));
    for (const mspId of ledger.organizations) {
      const proposal = await ledger.propose({ creator: creatorOf({ sign, ...by }), ...call });
      const answer = peer.ProposalResponse.deserializeBinary(
        await ledger.attest(proposal, sign, mspId),
      );
      const endorser = answer.getEndorsement()?.getEndorser_asU8() ?? new Uint8Array();
      expect(msp.SerializedIdentity.deserializeBinary(endorser).getMspid()).toBe(mspId);
      const info = answer.getResponse()?.getPayload_asU8() ?? new Uint8Array();
      expect(common.BlockchainInfo.deserializeBinary(info).getHeight()).toBeGreaterThan(0);
    }
  });

  test('one organization alone refuses what its chaincode refuses', async () => {
    const by = under.ministry();
    const proposal = await propose(ledger, by, ['no such function']);
    await expect(ledger.attest(proposal, by.sign, 'VendorMSP')).rejects.toBeInstanceOf(
      EvaluateRefused,
    );
  });

  test('an organization without a connection profile cannot be reached', async () => {
    const stranger = { ...under.ministry(), mspId: 'NobodyMSP' };
    await expect((async () => propose(ledger, stranger, ['get', 'x']))()).rejects.toBeInstanceOf(
      LedgerUnreachable,
    );
  });
}
