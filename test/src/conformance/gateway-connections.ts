import { Client } from '@grpc/grpc-js';
import { connect, hash } from '@hyperledger/fabric-gateway';
import type { Contract, Gateway, Network } from '@hyperledger/fabric-gateway';
import { channelTo, peerOf } from './profile-connections';
import type { ConnectionProfile } from './profile-connections';
import type { Signer } from './signer';

/** Who uses the client library, and where. */
export interface GatewayUse {
  readonly signer: Signer;
  /** Organization of the peer that is the gateway; default: the signer's own. */
  readonly via?: string;
  /** Default: `procurement`. */
  readonly channel?: string;
  /** Default: `probe`. */
  readonly chaincode?: string;
}

/** The stock client library as any identity through any peer. */
export class GatewayConnections {
  readonly #profile: ConnectionProfile;
  readonly #clients = new Map<string, Client>();
  readonly #gateways = new Map<string, Gateway>();

  constructor(profile: ConnectionProfile) {
    this.#profile = profile;
  }

  close(): void {
    for (const gateway of this.#gateways.values()) gateway.close();
    for (const client of this.#clients.values()) client.close();
  }

  gateway({ signer, via = signer.mspId }: GatewayUse): Gateway {
    const name = `${via} ${signer.certificatePem}`;
    const known = this.#gateways.get(name);
    if (known) return known;
    const made = connect({
      client: this.#client(via),
      identity: { mspId: signer.mspId, credentials: Buffer.from(signer.certificatePem) },
      hash: hash.none,
      signer: (message) => Promise.resolve(signer.sign(message)),
    });
    this.#gateways.set(name, made);
    return made;
  }

  network(use: GatewayUse): Network {
    return this.gateway(use).getNetwork(use.channel ?? 'procurement');
  }

  contract(use: GatewayUse): Contract {
    return this.network(use).getContract(use.chaincode ?? 'probe');
  }

  #client(mspId: string): Client {
    const known =
      this.#clients.get(mspId) ?? new Client(...channelTo(peerOf(this.#profile, mspId)));
    this.#clients.set(mspId, known);
    return known;
  }
}
