import type { common } from '@hyperledger/fabric-protos';
import { peer } from '@hyperledger/fabric-protos';
import type { Contract } from '@hyperledger/fabric-gateway';
import { GatewayConnections } from './gateway-connections';
import type { GatewayUse } from './gateway-connections';
import { Identities } from './identities';
import { LedgerWatch } from './ledger-watch';
import type { Placed } from './ledger-watch';
import type { Compat, NetworkDriver } from './network-driver';
import { NodeClients } from './node-clients';
import { outcomeOf, responseView } from './outcomes';
import type { Outcome } from './outcomes';
import { ordererOf, peerOf } from './profile-connections';
import type { ConnectionProfile } from './profile-connections';
import { newProbeProposal } from './raw-proposal';
import type { ProposalParts, RawProposal } from '@procurement/network/messages/proposal';
import { endorsementBy, newTransaction } from '@procurement/network/messages/transaction';
import type { TransactionParts } from '@procurement/network/messages/transaction';
import { peerMspIds } from './recorded-network';
import { procurementSeek } from './seek';
import type { Signer } from './signer';

/** A call of a chaincode; the creator is the ministry's client unless said otherwise. */
export interface Call extends Partial<Omit<ProposalParts, 'args'>> {
  /** Organization whose peer is asked; default: the ministry's. */
  readonly at?: string;
}

/** How a transaction is made that some peer ran and that anybody signs. */
export interface Forgery extends Call {
  /** Endorsers in order; default: the peers of the auditor and of the ministry. */
  readonly by?: readonly Signer[];
  readonly changePayload?: (payload: Uint8Array, proposal: RawProposal) => Uint8Array;
  readonly parts?: Partial<TransactionParts>;
}

/** What became of one transaction, in the words of the recordings. */
export interface Ordered {
  readonly broadcast: number;
  readonly validationCode?: number;
  readonly name?: string;
}

/** The running network of a suite and everything the cases do with it. */
export class World {
  readonly driver: NetworkDriver;
  readonly compat: Compat;
  readonly identities: Identities;
  #open!: OpenConnections;

  private constructor(driver: NetworkDriver, compat: Compat) {
    this.driver = driver;
    this.compat = compat;
    this.identities = new Identities(driver);
  }

  static async open(driver: NetworkDriver, compat: Compat): Promise<World> {
    const world = new World(driver, compat);
    await world.#connect();
    return world;
  }

  get clients(): NodeClients {
    return this.#open.clients;
  }

  get gateways(): GatewayConnections {
    return this.#open.gateways;
  }

  /** The ministry's connection profile. */
  get profile(): ConnectionProfile {
    return this.#open.profile;
  }

  /** What one peer has committed on the channel `procurement`. */
  watch(mspId = 'MinistryMSP'): LedgerWatch {
    return this.#open.watches.get(mspId)!;
  }

  /** Addresses of this run and what the recordings call them. */
  addresses(): ReadonlyMap<string, string> {
    const nodes = peerMspIds.map((mspId) => {
      const name = `<${mspId.replace('MSP', '').toUpperCase()}_PEER_ADDR>`;
      return [name, peerOf(this.profile, mspId)] as const;
    });
    const all = [...nodes, ['<ORDERER_ADDR>', ordererOf(this.profile)] as const];
    return new Map(
      all.flatMap(([placeholder, { name, address }]) => {
        const port = address.slice(address.lastIndexOf(':'));
        const hosts = [name, 'localhost', '127.0.0.1'];
        return hosts.map((host) => [`${host}${port}`, placeholder] as const);
      }),
    );
  }

  /** A client of an organization; the ministry's acts where nobody is named. */
  client(mspId = 'MinistryMSP'): Promise<Signer> {
    return this.identities.client(mspId);
  }

  async proposal(args: ProposalParts['args'], call: Call = {}): Promise<RawProposal> {
    return newProbeProposal({ ...call, args, creator: call.creator ?? (await this.client()) });
  }

  /** What a peer answers to a proposal. @throws ServiceError */
  async run(args: ProposalParts['args'], call: Call = {}): Promise<peer.ProposalResponse> {
    const { signed } = await this.proposal(args, call);
    return this.clients.propose(call.at ?? 'MinistryMSP', signed);
  }

  /** The answer or the error, as the recordings show it. */
  ask(args: ProposalParts['args'], call: Call = {}): Promise<Outcome> {
    return outcomeOf(this.run(args, call), responseView);
  }

  /** Text of a good answer. @throws Error with the message of another one */
  async text(args: ProposalParts['args'], call: Call = {}): Promise<string> {
    const response = (await this.run(args, call)).getResponse()!;
    if (response.getStatus() !== 200) throw new Error(response.getMessage());
    return Buffer.from(response.getPayload_asU8()).toString('utf8');
  }

  /** A transaction that one peer ran and that any identities signed. */
  async forged(args: ProposalParts['args'], forgery: Forgery = {}): Promise<common.Envelope> {
    return this.forgedFrom(await this.proposal(args, forgery), forgery);
  }

  /** The same for a proposal that was made already. */
  async forgedFrom(proposal: RawProposal, forgery: Forgery = {}): Promise<common.Envelope> {
    const response = await this.clients.propose(forgery.at ?? 'MinistryMSP', proposal.signed);
    const run = response.getPayload_asU8();
    if (run.length === 0) throw new Error(response.getResponse()?.getMessage());
    const payload = forgery.changePayload?.(run, proposal) ?? run;
    const by = forgery.by ?? [
      await this.identities.peer('AuditorMSP'),
      await this.identities.peer('MinistryMSP'),
    ];
    const endorsements = by.map((one) => endorsementBy(one, payload));
    return newTransaction({ proposal, payload, endorsements, ...forgery.parts });
  }

  /** A transaction that the peers of these organizations ran and endorsed, in this order. */
  async endorsed(
    args: ProposalParts['args'],
    mspIds: readonly string[],
    call: Call = {},
  ): Promise<common.Envelope> {
    const proposal = await this.proposal(args, call);
    const responses = await Promise.all(
      mspIds.map((mspId) => this.clients.propose(mspId, proposal.signed)),
    );
    const refused = responses.find((one) => !one.hasEndorsement());
    if (refused) throw new Error(refused.getResponse()?.getMessage());
    return newTransaction({
      proposal,
      payload: responses[0]!.getPayload_asU8(),
      endorsements: responses.map((one) => one.getEndorsement()!),
    });
  }

  /** Orders transactions on one stream and waits until every peer has committed them. */
  async commit(...envelopes: readonly common.Envelope[]): Promise<Placed[]> {
    const bytes = envelopes.map((one) => Buffer.from(one.serializeBinary()));
    const nth = bytes.map(
      (one, at) =>
        this.watch().countOf(one) +
        bytes.slice(0, at + 1).filter((other) => other.equals(one)).length,
    );
    const refused = (await this.clients.broadcast(...envelopes)).find(
      ({ status }) => status !== 200,
    );
    if (refused) throw new Error(`not ordered: ${refused.status} ${refused.info}`);
    const placed = await Promise.all(bytes.map((one, at) => this.watch().placed(one, nth[at]!)));
    await this.reached(Math.max(...placed.map(({ block }) => block)));
    return placed;
  }

  /** Waits until every peer has a block. */
  async reached(block: number): Promise<void> {
    await Promise.all(peerMspIds.map((mspId) => this.watch(mspId).block(block)));
  }

  /** Orders one transaction. */
  async order(envelope: common.Envelope): Promise<Ordered> {
    const [answer] = await this.clients.broadcast(envelope);
    const broadcast = answer!.status;
    if (broadcast !== 200) return { broadcast };
    const { code, block } = await this.watch().placed(envelope.serializeBinary(), 1);
    await this.reached(block);
    return { broadcast, validationCode: code, name: codeName(code) };
  }

  /** Makes and orders a transaction. */
  async orderForged(args: ProposalParts['args'], forgery: Forgery = {}): Promise<Ordered> {
    return this.order(await this.forged(args, forgery));
  }

  /** Brings the ledger into a state. @throws Error when the transaction is not valid */
  async prepare(args: ProposalParts['args'], forgery: Forgery = {}): Promise<void> {
    const { name, broadcast } = await this.orderForged(args, forgery);
    if (name !== 'VALID') throw new Error(`${args.join(' ')}: ${name ?? broadcast}`);
  }

  /** The stock client library; the ministry's client where nobody is named. */
  async contract(use: Partial<GatewayUse> = {}): Promise<Contract> {
    return this.gateways.contract({ ...use, signer: use.signer ?? (await this.client()) });
  }

  /** Starts the network's processes again and connects anew. */
  async restart(): Promise<void> {
    this.#open.close();
    await this.driver.restart();
    await this.#connect();
  }

  close(): void {
    this.#open.close();
  }

  async #connect(): Promise<void> {
    const profile = await this.driver.profile('MinistryMSP');
    this.#open = new OpenConnections(profile, await this.client());
  }
}

class OpenConnections {
  readonly clients: NodeClients;
  readonly gateways: GatewayConnections;
  readonly watches: ReadonlyMap<string, LedgerWatch>;

  constructor(
    readonly profile: ConnectionProfile,
    reader: Signer,
  ) {
    this.clients = new NodeClients(profile);
    this.gateways = new GatewayConnections(profile);
    const request = procurementSeek({ signer: reader, start: 0, stop: Number.MAX_SAFE_INTEGER });
    const watch = (mspId: string) => new LedgerWatch(this.clients.deliver(request, { mspId }));
    this.watches = new Map(peerMspIds.map((mspId) => [mspId, watch(mspId)]));
  }

  close(): void {
    this.gateways.close();
    this.clients.close();
  }
}

/** Name of a validation code, such as `MVCC_READ_CONFLICT`. */
export function codeName(code: number): string {
  const found = Object.entries(peer.TxValidationCode).find(([, value]) => value === code);
  return found?.[0] ?? String(code);
}
