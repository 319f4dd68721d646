import type { ChannelCredentials, ClientDuplexStream, ServiceError } from '@grpc/grpc-js';
import { common, discovery, gateway, orderer, peer } from '@hyperledger/fabric-protos';
import { channelTo, ordererOf, peerOf } from './profile-connections';
import type { ConnectionProfile, NodeConnection } from './profile-connections';

/** What an ordering node answers to a message. */
export interface Broadcast {
  readonly status: number;
  readonly info: string;
}

/** The services of a peer that send blocks. */
export type DeliverKind = 'deliver' | 'deliverFiltered' | 'deliverWithPrivateData';

interface Closable {
  close(): void;
}

type ClientClass<Client> = new (
  address: string,
  credentials: ChannelCredentials,
  options: object,
) => Client;
type Callback<Answer> = (error: ServiceError | null, answer?: Answer) => void;
type DeliverStream<Answer> = ClientDuplexStream<common.Envelope, Answer>;

/** Clients of all nodes in a connection profile that send whatever they are told to. */
export class NodeClients {
  readonly #profile: ConnectionProfile;
  readonly #open = new Map<unknown, Map<string, Closable>>();

  constructor(profile: ConnectionProfile) {
    this.#profile = profile;
  }

  close(): void {
    for (const byAddress of this.#open.values()) {
      for (const client of byAddress.values()) client.close();
    }
  }

  /** Asks the peer of an organization to endorse. @throws ServiceError of the peer */
  propose(mspId: string, signed: peer.SignedProposal): Promise<peer.ProposalResponse> {
    const client = this.#peer(mspId, peer.EndorserClient);
    return answerOf((callback) => client.processProposal(signed, callback));
  }

  evaluate(mspId: string, request: gateway.EvaluateRequest): Promise<gateway.EvaluateResponse> {
    return answerOf((callback) => this.#gateway(mspId).evaluate(request, callback));
  }

  submit(mspId: string, request: gateway.SubmitRequest): Promise<gateway.SubmitResponse> {
    return answerOf((callback) => this.#gateway(mspId).submit(request, callback));
  }

  /** @param deadlineMs how long to wait; default: for ever */
  commitStatus(
    mspId: string,
    request: gateway.SignedCommitStatusRequest,
    deadlineMs?: number,
  ): Promise<gateway.CommitStatusResponse> {
    const deadline = deadlineMs === undefined ? {} : { deadline: Date.now() + deadlineMs };
    return answerOf((callback) => this.#gateway(mspId).commitStatus(request, deadline, callback));
  }

  discover(mspId: string, request: discovery.SignedRequest): Promise<discovery.Response> {
    const client = this.#peer(mspId, discovery.DiscoveryClient);
    return answerOf((callback) => client.discover(request, callback));
  }

  /** Sends messages to the ordering node on one stream, which ends at the first refusal. */
  async broadcast(...envelopes: readonly common.Envelope[]): Promise<Broadcast[]> {
    const client = this.#make(ordererOf(this.#profile), orderer.AtomicBroadcastClient);
    const stream = client.broadcast();
    const answers: Broadcast[] = [];
    for (const envelope of envelopes) stream.write(envelope);
    for await (const answer of stream as AsyncIterable<orderer.BroadcastResponse>) {
      answers.push({ status: answer.getStatus(), info: answer.getInfo() });
      if (answers.length === envelopes.length) stream.end();
    }
    return answers;
  }

  /** Messages of a peer, up to a status. */
  deliver(
    request: common.Envelope,
    { mspId = 'MinistryMSP', kind = 'deliver' }: { mspId?: string; kind?: DeliverKind } = {},
  ): AsyncGenerator<peer.DeliverResponse> {
    const client = this.#peer(mspId, peer.DeliverClient);
    return messages<peer.DeliverResponse>(client[kind](), request);
  }

  /** Messages of the ordering node, up to a status. */
  ordererDeliver(request: common.Envelope): AsyncGenerator<orderer.DeliverResponse> {
    const client = this.#make(ordererOf(this.#profile), orderer.AtomicBroadcastClient);
    return messages<orderer.DeliverResponse>(client.deliver(), request);
  }

  #gateway(mspId: string): gateway.GatewayClient {
    return this.#peer(mspId, gateway.GatewayClient);
  }

  #peer<Client extends Closable>(mspId: string, Type: ClientClass<Client>): Client {
    return this.#make(peerOf(this.#profile, mspId), Type);
  }

  #make<Client extends Closable>(node: NodeConnection, Type: ClientClass<Client>): Client {
    const byAddress = this.#open.get(Type) ?? new Map<string, Closable>();
    this.#open.set(Type, byAddress);
    const known = byAddress.get(node.address);
    if (known) return known as Client;
    const client = new Type(...channelTo(node));
    byAddress.set(node.address, client);
    return client;
  }
}

function answerOf<Answer>(call: (callback: Callback<Answer>) => unknown): Promise<Answer> {
  return new Promise((resolve, reject) => {
    call((error, answer) => {
      if (error) reject(error);
      else resolve(answer!);
    });
  });
}

async function* messages<Answer extends peer.DeliverResponse | orderer.DeliverResponse>(
  stream: DeliverStream<Answer>,
  request: common.Envelope,
): AsyncGenerator<Answer> {
  // Cancelling below is an error to the stream.
  stream.on('error', () => undefined);
  stream.write(request);
  try {
    for await (const answer of stream as AsyncIterable<Answer>) {
      yield answer;
      if (answer.getTypeCase() === answerTypeStatus) return;
    }
  } finally {
    stream.cancel();
  }
}

/** The same in both kinds of DeliverResponse. */
const answerTypeStatus = peer.DeliverResponse.TypeCase.STATUS;
