import { credentials, status as grpcStatus } from '@grpc/grpc-js';
import * as grpc from '@grpc/grpc-js';
import { connect, hash } from '@hyperledger/fabric-gateway';
import type { CloseableAsyncIterable, Gateway } from '@hyperledger/fabric-gateway';
import { common, gateway as gatewayProtos, msp, peer } from '@hyperledger/fabric-protos';
import type { ConnectionProfile, PeerEndpoint } from '../connection-profile';
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
} from '../ledger.port';
import {
  BlocksInterrupted,
  EvaluateRefused,
  LedgerUnreachable,
  StatusUnknown,
  SubmitRefused,
  SubmitUnknown,
} from '../stage-errors';
import { endorseError, evaluateError, stageFacts } from './gateway-failures';

/** What both adapters are made from. */
export interface AdapterOptions {
  readonly profiles: ReadonlyMap<string, ConnectionProfile>;
  readonly channel: string;
  /** Chaincode of an invocation that names none. */
  readonly chaincode: string;
  readonly endorseTimeoutMs: number;
  readonly commitTimeoutMs: number;
}

const RECEIVE_BYTES_MAX = 100 * 1024 * 1024;

function newClient(endpoint: PeerEndpoint): grpc.Client {
  const roots = endpoint.tlsRootCertificates;
  const channelCredentials =
    roots === undefined ? credentials.createInsecure() : credentials.createSsl(Buffer.from(roots));
  return new grpc.Client(endpoint.address, channelCredentials, {
    'grpc.max_receive_message_length': RECEIVE_BYTES_MAX,
    ...(endpoint.serverName === undefined
      ? {}
      : {
          'grpc.ssl_target_name_override': endpoint.serverName,
          'grpc.default_authority': endpoint.serverName,
        }),
  });
}

/**
 * {@link LedgerPort} over `@hyperledger/fabric-gateway`, by its offline signing functions, so that
 * each step stands alone. One connection per organisation, to that organisation's own peer.
 */
export class FabricGatewayLedger implements LedgerPort {
  readonly relays = true;
  readonly #options: AdapterOptions;
  readonly #clients = new Map<string, grpc.Client>();

  constructor(options: AdapterOptions) {
    this.#options = options;
  }

  get organizations(): readonly string[] {
    return [...this.#options.profiles.keys()];
  }

  propose(invocation: Invocation): Promise<Proposal> {
    const { creator, transaction, args } = invocation;
    const built = this.#gateway(creator)
      .getNetwork(this.#options.channel)
      .getContract(invocation.chaincode ?? this.#options.chaincode)
      .newProposal(transaction, { arguments: [...args] });
    const transactionId = built.getTransactionId();
    // Without a hash function the SDK's digest is the message itself, which is what `Sign` takes.
    return Promise.resolve({ transactionId, creator, bytes: built.getDigest() });
  }

  async endorse(proposal: Proposal, sign: Sign): Promise<Endorsement> {
    const { transactionId, creator } = proposal;
    const signature = await sign(proposal.bytes);
    try {
      const endorsed = await this.#gateway(creator)
        .newSignedProposal(proposedTransaction(proposal), signature)
        .endorse();
      return {
        transactionId,
        creator,
        payload: endorsed.getDigest(),
        result: endorsed.getResult(),
      };
    } catch (error) {
      throw endorseError(error, proposal);
    }
  }

  async submit(endorsement: Endorsement, sign: Sign): Promise<Submission> {
    const { transactionId, creator } = endorsement;
    const signature = await sign(endorsement.payload);
    try {
      await this.#gateway(creator)
        .newSignedTransaction(preparedTransaction(endorsement), signature)
        .submit();
      return { transactionId, creator };
    } catch (error) {
      const facts = stageFacts(error, transactionId);
      // Aborted is the orderer's own refusal (internal/pkg/gateway/submit.go); anything else may
      // have happened after the envelope had arrived.
      throw facts.grpcCode === grpcStatus.ABORTED || facts.grpcCode === grpcStatus.INVALID_ARGUMENT
        ? new SubmitRefused(facts)
        : new SubmitUnknown(facts);
    }
  }

  async status(submission: Submission, sign: Sign): Promise<CommitStatus> {
    const { transactionId, creator, peerOf } = submission;
    const gateway = this.#gateway(creator, peerOf);
    const request = commitStatusRequest(this.#options.channel, submission);
    const signature = await sign(gateway.newCommit(request).getDigest());
    try {
      const status = await gateway.newSignedCommit(request, signature).getStatus();
      return { transactionId, blockNumber: status.blockNumber, code: status.code };
    } catch (error) {
      throw new StatusUnknown(stageFacts(error, transactionId));
    }
  }

  async evaluate(proposal: Proposal, sign: Sign): Promise<Uint8Array> {
    const signature = await sign(proposal.bytes);
    try {
      return await this.#gateway(proposal.creator)
        .newSignedProposal(proposedTransaction(proposal), signature)
        .evaluate();
    } catch (error) {
      throw evaluateError(error, proposal.transactionId);
    }
  }

  async attest(proposal: Proposal, sign: Sign, peerOf: string): Promise<Uint8Array> {
    const signed = new peer.SignedProposal();
    signed.setProposalBytes(proposal.bytes);
    signed.setSignature(await sign(proposal.bytes));
    const answer = await processProposal(this.#client(peerOf), {
      signed,
      deadline: Date.now() + this.#options.endorseTimeoutMs,
    }).catch((error: unknown) => {
      throw evaluateError(error, proposal.transactionId);
    });
    const response = peer.ProposalResponse.deserializeBinary(answer);
    if (response.getEndorsement() !== undefined) return answer;
    const message = response.getResponse()?.getMessage() ?? 'the peer gave no endorsement';
    throw new EvaluateRefused({ message, transactionId: proposal.transactionId });
  }

  async *blocks(request: BlocksRequest, sign: Sign): AsyncIterable<LedgerBlock> {
    const signal = request.signal ?? new AbortController().signal;
    const gateway = this.#gateway(request.creator);
    const unsigned = gateway
      .getNetwork(this.#options.channel)
      .newBlockEventsRequest({ startBlock: request.from });
    const signature = await sign(unsigned.getDigest());
    const signed = gateway.newSignedBlockEventsRequest(unsigned.getBytes(), signature);
    try {
      yield* blocksUntil(signal, await signed.getEvents());
    } catch (error) {
      if (!signal.aborted) {
        throw new BlocksInterrupted(stageFacts(error));
      }
    }
  }

  close(): Promise<void> {
    for (const client of this.#clients.values()) {
      client.close();
    }
    return Promise.resolve();
  }

  #client(mspId: string): grpc.Client {
    const known = this.#clients.get(mspId);
    if (known !== undefined) {
      return known;
    }
    const endpoint = this.#options.profiles.get(mspId)?.peers[0];
    if (endpoint === undefined) {
      throw new LedgerUnreachable({ message: `no connection profile names a peer of ${mspId}` });
    }
    const client = newClient(endpoint);
    this.#clients.set(mspId, client);
    return client;
  }

  /** Made for one use: creators come from outside, and none of them is to be kept. */
  #gateway(creator: Creator, peerOf: string = creator.mspId): Gateway {
    const { endorseTimeoutMs, commitTimeoutMs } = this.#options;
    return connect({
      client: this.#client(peerOf),
      identity: { mspId: creator.mspId, credentials: Buffer.from(creator.certificate) },
      hash: hash.none,
      endorseOptions: () => ({ deadline: Date.now() + endorseTimeoutMs }),
      evaluateOptions: () => ({ deadline: Date.now() + endorseTimeoutMs }),
      submitOptions: () => ({ deadline: Date.now() + endorseTimeoutMs }),
      commitStatusOptions: () => ({ deadline: Date.now() + commitTimeoutMs }),
    });
  }
}

/** One call of a peer's endorser; the SDK has none, since its own goes through the gateway. */
function processProposal(
  client: grpc.Client,
  call: { readonly signed: peer.SignedProposal; readonly deadline: number },
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      '/protos.Endorser/ProcessProposal',
      (message: peer.SignedProposal) => Buffer.from(message.serializeBinary()),
      (bytes: Buffer) => bytes,
      call.signed,
      { deadline: call.deadline },
      (error, answer) => {
        if (error) reject(error);
        else resolve(answer ?? new Uint8Array());
      },
    );
  });
}

async function* blocksUntil(
  signal: AbortSignal,
  stream: CloseableAsyncIterable<common.Block>,
): AsyncGenerator<LedgerBlock> {
  const stop = (): void => {
    stream.close();
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    if (signal.aborted) {
      return;
    }
    for await (const block of stream) {
      yield { number: BigInt(block.getHeader()?.getNumber() ?? 0), bytes: block.serializeBinary() };
    }
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
  }
}

function proposedTransaction(proposal: Proposal): Uint8Array {
  const signed = new peer.SignedProposal();
  signed.setProposalBytes(proposal.bytes);
  const message = new gatewayProtos.ProposedTransaction();
  message.setTransactionId(proposal.transactionId);
  message.setProposal(signed);
  return message.serializeBinary();
}

function preparedTransaction(endorsement: Endorsement): Uint8Array {
  const envelope = new common.Envelope();
  envelope.setPayload(endorsement.payload);
  const message = new gatewayProtos.PreparedTransaction();
  message.setTransactionId(endorsement.transactionId);
  message.setEnvelope(envelope);
  return message.serializeBinary();
}

function commitStatusRequest(channel: string, submission: Submission): Uint8Array {
  const identity = new msp.SerializedIdentity();
  identity.setMspid(submission.creator.mspId);
  identity.setIdBytes(Buffer.from(submission.creator.certificate));
  const request = new gatewayProtos.CommitStatusRequest();
  request.setChannelId(channel);
  request.setTransactionId(submission.transactionId);
  request.setIdentity(identity.serializeBinary());
  const signed = new gatewayProtos.SignedCommitStatusRequest();
  signed.setRequest(request.serializeBinary());
  return signed.serializeBinary();
}
