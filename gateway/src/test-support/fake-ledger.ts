import { randomBytes } from 'node:crypto';
import { once, EventEmitter } from 'node:events';
import { peer } from '@hyperledger/fabric-protos';
import { ORGANIZATIONS } from '@procurement/protocol';
import { buildProposal, NONCE_LENGTH, readProposal } from '@procurement/protocol/fabric';
import type {
  BlocksRequest,
  CommitStatus,
  Creator,
  Endorsement,
  Invocation,
  LedgerBlock,
  LedgerPort,
  Proposal,
  Sign,
  Submission,
} from '../ledger/ledger.port';
import { EndorseRefused, EvaluateRefused, LedgerUnreachable } from '../ledger/stage-errors';

/** One call that reached the fake chaincode. */
export interface FakeCall {
  readonly creator: Creator;
  readonly transaction: string;
  readonly input: unknown;
  readonly transactionId: string;
}

/** One question to one endorser. */
export interface FakeQuestion {
  readonly peerOf: string;
  readonly transaction: string;
  /** The transaction's own time. */
  readonly atMs: number;
}

/** Answers a call, or throws a `Reject` as chaincode does. */
export type FakeChaincode = (call: FakeCall) => unknown;

/** A {@link LedgerPort} in memory, whose chaincode is a function and whose blocks are handed in. */
export class FakeLedger implements LedgerPort {
  relays = true;
  readonly organizations = ORGANIZATIONS;
  readonly calls: FakeCall[] = [];
  readonly submitted: string[] = [];
  /** What was handed to the ordering service: bytes and the signature over them. */
  readonly envelopes: { readonly payload: Uint8Array; readonly signature: Uint8Array }[] = [];
  /** Validation codes of the next commits; VALID when it is empty. */
  readonly commitCodes: number[] = [];
  /** Emits `block`, and `call` with each {@link FakeCall} once it is answered or refused. */
  readonly events = new EventEmitter();
  chaincode: FakeChaincode = () => ({});
  closed = false;
  readonly #blocks: LedgerBlock[] = [];

  addBlock(bytes: Uint8Array): void {
    this.#blocks.push({ number: BigInt(this.#blocks.length), bytes });
    this.events.emit('block');
  }

  async propose(invocation: Invocation): Promise<Proposal> {
    const { creator, transaction, args, chaincode = 'procurement' } = invocation;
    const built = await buildProposal({
      ...{ channel: 'procurement', chaincode, transaction, args, creator },
      ...{ nonce: randomBytes(NONCE_LENGTH), atMs: Date.now() },
    });
    return { ...built, creator };
  }

  async endorse(proposal: Proposal, sign: Sign): Promise<Endorsement> {
    await sign(proposal.bytes);
    const { transactionId, creator } = proposal;
    try {
      const result = Buffer.from(JSON.stringify(await this.#call(proposal)));
      return { transactionId, creator, payload: proposal.bytes, result };
    } catch (error) {
      throw error instanceof Error && error.name === 'Reject'
        ? new EndorseRefused({ message: 'failed to endorse', transactionId, details: said(error) })
        : error;
    }
  }

  async submit(endorsement: Endorsement, sign: Sign): Promise<Submission> {
    const { payload } = endorsement;
    this.envelopes.push({ payload, signature: await sign(payload) });
    this.submitted.push(endorsement.transactionId);
    return { transactionId: endorsement.transactionId, creator: endorsement.creator };
  }

  status(submission: Submission): Promise<CommitStatus> {
    const code = this.commitCodes.shift() ?? 0;
    return Promise.resolve({ transactionId: submission.transactionId, blockNumber: 0n, code });
  }

  async evaluate(proposal: Proposal, sign: Sign): Promise<Uint8Array> {
    await sign(proposal.bytes);
    const { transactionId } = proposal;
    try {
      const answer = await this.#call(proposal);
      return answer instanceof Uint8Array ? answer : Buffer.from(JSON.stringify(answer));
    } catch (error) {
      throw error instanceof Error && error.name === 'Reject'
        ? new EvaluateRefused({
            message: 'failed to evaluate',
            transactionId,
            details: said(error),
          })
        : error;
    }
  }

  /** What an organisation's endorser answers to a query of its own; throws where it refuses. */
  attesting: (call: FakeQuestion) => Uint8Array = ({ peerOf }) => {
    throw new LedgerUnreachable({ message: `no peer of ${peerOf}` });
  };

  async attest(proposal: Proposal, sign: Sign, peerOf: string): Promise<Uint8Array> {
    await sign(proposal.bytes);
    const { transaction, atMs } = await readProposal(proposal.bytes);
    const response = new peer.Response();
    response.setStatus(200);
    response.setPayload(this.attesting({ peerOf, transaction, atMs }));
    const answer = new peer.ProposalResponse();
    answer.setResponse(response);
    return answer.serializeBinary();
  }

  async *blocks(request: BlocksRequest): AsyncIterable<LedgerBlock> {
    const signal = request.signal ?? new AbortController().signal;
    for (let next = Number(request.from); !signal.aborted;) {
      const block = this.#blocks[next];
      if (block === undefined) {
        await once(this.events, 'block', { signal }).catch(ignore);
      } else {
        next += 1;
        yield block;
      }
    }
  }

  close(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }

  async #call(proposal: Proposal): Promise<unknown> {
    const { creator, transaction, args } = await readProposal(proposal.bytes);
    const text = args[0] ?? '';
    const input: unknown = text.startsWith('{') ? JSON.parse(text) : text;
    const call = { creator, transaction, input, transactionId: proposal.transactionId };
    this.calls.push(call);
    try {
      return this.chaincode(call);
    } finally {
      this.events.emit('call', call);
    }
  }
}

function ignore(): void {
  // The wait was cut short by the signal, which the loop sees by itself.
}

function said(error: Error): { address: string; mspId: string; message: string }[] {
  const message = `chaincode response 500, ${error.message}`;
  return [{ address: 'localhost:7051', mspId: 'AuditorMSP', message }];
}
