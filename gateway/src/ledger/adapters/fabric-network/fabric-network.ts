import { common, peer as protos } from '@hyperledger/fabric-protos';
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
} from '../../ledger.port';
import {
  BlocksInterrupted,
  EndorseDiverged,
  EndorseRefused,
  EvaluateRefused,
  LedgerStageError,
  LedgerUnreachable,
  StatusUnknown,
  SubmitRefused,
  SubmitUnknown,
} from '../../stage-errors';
import type { AdapterOptions } from '../fabric-gateway';
import { CommitFollower } from './commit-follower';
import type { Outcome } from './commit-follower';
import { Connection, signAction } from './connection';
import type { Caller } from './connection';
import { failureFacts, isDivergence, isRefusal, refusals } from './failures';
import { payloadHeader, proposalHeader, reviveCommit, reviveProposal } from './revive';
import { loadSdk } from './sdk';
import type { DeliverMessage, PeerAnswers, PeerResponse, ProposalAction, Remote, Sdk } from './sdk';

const { TRANSACTIONS_FILTER } = common.BlockMetadataIndex;
const NOT_SUCCESSFUL = 'status:';

/** {@link LedgerPort} over the channel objects of `fabric-network` 2.2 and its discovery. */
export class FabricNetworkLedger implements LedgerPort {
  readonly relays = false;
  readonly #options: AdapterOptions;
  readonly #sdk: Sdk;
  readonly #connections = new Map<string, Promise<Connection>>();
  readonly #followers = new Map<string, CommitFollower>();
  readonly #watched = new Set<string>();
  readonly #underWay = new Set<Promise<unknown>>();

  /** @throws SdkMissing if the optional packages are not installed */
  constructor(options: AdapterOptions) {
    this.#options = options;
    this.#sdk = loadSdk();
  }

  get organizations(): readonly string[] {
    return [...this.#options.profiles.keys()];
  }

  async propose(invocation: Invocation): Promise<Proposal> {
    const { creator, transaction, args } = invocation;
    const connection = await this.#connection(creator);
    const action = connection.channel.newEndorsement(
      invocation.chaincode ?? this.#options.chaincode,
    );
    const bytes = action.build(connection.context(creator), { fcn: transaction, args });
    return { transactionId: action.getTransactionId(), creator, bytes };
  }

  async endorse(proposal: Proposal, signer: Sign): Promise<Endorsement> {
    const { creator, transactionId } = proposal;
    const { sign, isSignersOwn } = watched(signer);
    const connection = await this.#connection(creator);
    const { chaincode } = proposalHeader(proposal.bytes);
    const action = reviveProposal(connection.channel.newEndorsement(chaincode), proposal.bytes);
    try {
      const discovery = await connection.discovery(action, chaincode, { creator, sign });
      action.sign(Buffer.from(await sign(proposal.bytes)));
      const answers = await this.#send(action, {
        handler: discovery.newHandler(),
        requestTimeout: this.#options.endorseTimeoutMs,
      });
      const refused = refusals(answers);
      const [first] = answers.responses;
      if (refused.length > 0 || first === undefined) {
        throw endorseError(answers, transactionId);
      }
      const payload = action.newCommit().build(connection.context(creator));
      return { transactionId, creator, payload, result: first.response.payload };
    } catch (error) {
      throw error instanceof LedgerStageError || isSignersOwn(error)
        ? error
        : new LedgerUnreachable(failureFacts([error], transactionId));
    }
  }

  async submit(endorsement: Endorsement, sign: Sign): Promise<Submission> {
    const { creator, transactionId } = endorsement;
    const connection = await this.#connection(creator);
    const { chaincode } = payloadHeader(endorsement.payload);
    const action = reviveCommit(connection.channel.newCommit(chaincode), endorsement.payload);
    action.sign(Buffer.from(await sign(endorsement.payload)));
    if (this.#follower(creator, connection).following) {
      this.#watched.add(transactionId);
    }
    const request = {
      targets: connection.orderers(),
      requestTimeout: this.#options.endorseTimeoutMs,
    };
    const answer = await this.#send(action, request).catch((error: unknown) => {
      const facts = failureFacts([error], transactionId);
      throw facts.message.includes(NOT_SUCCESSFUL)
        ? new SubmitRefused(facts)
        : new SubmitUnknown(facts);
    });
    if (answer.status !== 'SUCCESS') {
      const message = `the orderer answered ${answer.status} ${answer.info ?? ''}`.trim();
      throw new SubmitRefused({ message, transactionId });
    }
    return { transactionId, creator };
  }

  async status(submission: Submission, signer: Sign): Promise<CommitStatus> {
    const { creator, transactionId } = submission;
    const { sign, isSignersOwn } = watched(signer);
    const by: Caller = { creator, sign };
    const signal = AbortSignal.timeout(this.#options.commitTimeoutMs);
    try {
      const connection = await this.#connection(creator);
      const follower = this.#follower(creator, connection);
      await follower.start(by);
      const live = follower.outcome(transactionId, signal);
      const outcome = this.#watched.delete(transactionId)
        ? await live
        : await firstOf(this.#recorded(connection, transactionId, by), live);
      return { transactionId, ...outcome };
    } catch (error) {
      throw isSignersOwn(error) ? error : new StatusUnknown(failureFacts([error], transactionId));
    }
  }

  async attest(proposal: Proposal, sign: Sign, peerOf: string): Promise<Uint8Array> {
    const connection = await this.#connection(proposal.creator, peerOf);
    return proposalResponse(await this.#query(connection, proposal, sign));
  }

  async evaluate(proposal: Proposal, sign: Sign): Promise<Uint8Array> {
    const connection = await this.#connection(proposal.creator);
    return (await this.#query(connection, proposal, sign)).response.payload;
  }

  /** The good answer of a connection's first peer. */
  async #query(connection: Connection, proposal: Proposal, sign: Sign): Promise<PeerResponse> {
    const { transactionId } = proposal;
    const { chaincode } = proposalHeader(proposal.bytes);
    const action = reviveProposal(connection.channel.newQuery(chaincode), proposal.bytes);
    action.sign(Buffer.from(await sign(proposal.bytes)));
    const [peer] = connection.ownPeers();
    const answers = await this.#ask(action, peer);
    const refused = refusals(answers);
    const [first] = answers.responses;
    if (refused.length === 0 && first !== undefined) {
      return first;
    }
    const facts = failureFacts(refused, transactionId);
    if (isRefusal(refused)) {
      throw new EvaluateRefused(facts);
    }
    connection.reconnect(peer);
    throw new LedgerUnreachable(facts);
  }

  async *blocks(request: BlocksRequest, sign: Sign): AsyncIterable<LedgerBlock> {
    const signal = request.signal ?? new AbortController().signal;
    try {
      const connection = await this.#connection(request.creator);
      const by: Caller = { creator: request.creator, sign };
      const stream = connection.deliver({ from: request.from, blockType: 'full', signal }, by);
      for await (const message of stream) {
        yield ledgerBlock(message);
      }
    } catch (error) {
      if (!signal.aborted) {
        throw new BlocksInterrupted(failureFacts([error]));
      }
    }
  }

  async close(): Promise<void> {
    for (const follower of this.#followers.values()) {
      follower.close();
    }
    // The SDK's grpc-js 1.9 spins for ever on a call whose connection is closed under it.
    await Promise.allSettled(this.#underWay);
    for (const connection of await Promise.allSettled(this.#connections.values())) {
      if (connection.status === 'fulfilled') {
        await connection.value.close();
      }
    }
  }

  /** What the peer has recorded of a transaction; undefined while no block holds it. */
  async #recorded(
    connection: Connection,
    transactionId: string,
    by: Caller,
  ): Promise<Outcome | undefined> {
    const query = connection.channel.newQuery('qscc');
    const args = [this.#options.channel, transactionId];
    const built = query.build(connection.context(by.creator), { fcn: 'GetBlockByTxID', args });
    await signAction(query, built, by.sign);
    const answers = await this.#ask(query, connection.ownPeers()[0]);
    const payload =
      refusals(answers).length > 0 ? undefined : answers.responses[0]?.response.payload;
    return payload && outcomeIn(common.Block.deserializeBinary(payload), transactionId);
  }

  /** Runs a query on one peer; a peer that did not answer is among the errors. */
  #ask(query: ProposalAction, peer: Remote): Promise<PeerAnswers> {
    const request = { targets: [peer], requestTimeout: this.#options.endorseTimeoutMs };
    return this.#send(query, request).catch((error: unknown) => ({
      errors: [error instanceof Error ? error : new Error(String(error))],
      responses: [],
    }));
  }

  /** Sends what an action has built and signed, and keeps the connection open for so long. */
  #send<Request, Answer>(
    action: { send(request: Request): Promise<Answer> },
    request: Request,
  ): Promise<Answer> {
    const sending = action.send(request);
    this.#underWay.add(sending);
    const forget = (): void => {
      this.#underWay.delete(sending);
    };
    sending.then(forget, forget);
    return sending;
  }

  #follower(creator: Creator, connection: Connection): CommitFollower {
    const known = this.#followers.get(creator.mspId) ?? new CommitFollower(connection);
    this.#followers.set(creator.mspId, known);
    return known;
  }

  async #connection(creator: Creator, peerOf: string = creator.mspId): Promise<Connection> {
    const known = this.#connections.get(peerOf);
    if (known !== undefined) {
      return known;
    }
    const profile = this.#options.profiles.get(peerOf);
    if (profile === undefined) {
      throw new LedgerUnreachable({ message: `no connection profile names a peer of ${peerOf}` });
    }
    const { channel, endorseTimeoutMs: timeoutMs } = this.#options;
    const opened = Connection.open({ sdk: this.#sdk, profile, channel, creator, timeoutMs });
    this.#connections.set(peerOf, opened);
    opened.catch(() => this.#connections.delete(peerOf));
    return opened;
  }
}

function endorseError(answers: PeerAnswers, transactionId: string): LedgerStageError {
  const refused = refusals(answers);
  const facts = failureFacts(refused, transactionId);
  if (!isRefusal(refused)) {
    return new LedgerUnreachable(facts);
  }
  return isDivergence(answers) ? new EndorseDiverged(facts) : new EndorseRefused(facts);
}

/** A signing function whose own failures can be told from those of the ledger. */
function watched(sign: Sign): { sign: Sign; isSignersOwn: (error: unknown) => boolean } {
  const failures = new Set<unknown>();
  return {
    sign: async (message) => {
      try {
        return await sign(message);
      } catch (error) {
        failures.add(error);
        throw error;
      }
    },
    isSignersOwn: (error) => failures.has(error),
  };
}

/** The recorded outcome where there is one, otherwise the live one. */
async function firstOf(
  recorded: Promise<Outcome | undefined>,
  live: Promise<Outcome>,
): Promise<Outcome> {
  const found = recorded.then((outcome) => outcome ?? live);
  return Promise.race([found, live]);
}

/** Code and block of a transaction by the block that holds it. */
function outcomeIn(block: common.Block, transactionId: string): Outcome | undefined {
  const filter = block.getMetadata()?.getMetadataList_asU8()[TRANSACTIONS_FILTER];
  const envelopes = block.getData()?.getDataList_asU8() ?? [];
  const index = envelopes.findIndex((bytes) => {
    const payload = common.Envelope.deserializeBinary(bytes).getPayload_asU8();
    return payloadHeader(payload).transactionId === transactionId;
  });
  const code = filter?.[index];
  const number = block.getHeader()?.getNumber();
  return code === undefined || number === undefined
    ? undefined
    : { blockNumber: BigInt(number), code };
}

/** A peer's answer as it came over the wire. */
function proposalResponse({ response, payload, endorsement }: PeerResponse): Uint8Array {
  const said = new protos.Response();
  said.setStatus(response.status);
  said.setMessage(response.message);
  said.setPayload(response.payload);
  const answer = new protos.ProposalResponse();
  answer.setResponse(said);
  answer.setPayload(payload);
  const signed = new protos.Endorsement();
  signed.setEndorser(endorsement?.endorser ?? new Uint8Array());
  signed.setSignature(endorsement?.signature ?? new Uint8Array());
  answer.setEndorsement(signed);
  return answer.serializeBinary();
}

function ledgerBlock(message: DeliverMessage): LedgerBlock {
  const { block } = message;
  if (block === undefined) {
    throw new Error(`the peer ended its stream of blocks with ${String(message.status)}`);
  }
  const header = new common.BlockHeader();
  const number = BigInt(block.header.number.toString());
  header.setNumber(Number(number));
  header.setPreviousHash(block.header.previous_hash);
  header.setDataHash(block.header.data_hash);
  const data = new common.BlockData();
  data.setDataList([...block.data.data]);
  const metadata = new common.BlockMetadata();
  metadata.setMetadataList([...block.metadata.metadata]);
  const result = new common.Block();
  result.setHeader(header);
  result.setData(data);
  result.setMetadata(metadata);
  return { number, bytes: result.serializeBinary() };
}
