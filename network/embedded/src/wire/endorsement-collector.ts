import { status } from '@grpc/grpc-js';
import type { peer } from '@hyperledger/fabric-protos';
import { askPeer } from './endorsing-peer';
import type { EndorsingPeer } from './endorsing-peer';
import { sameBytes } from './protobuf';
import { RpcError } from './rpc-error';
import type { RpcErrorDetail } from './rpc-error';

type Layout = readonly EndorsingPeer[];

/** What was collected for one transaction. */
export interface CollectedEndorsements {
  /** The proposal response payload that all of them signed. */
  readonly payload: Uint8Array;
  readonly endorsements: readonly peer.Endorsement[];
}

/**
 * Asks the peers of one layout after the other until all of a layout have endorsed the same.
 * Source: internal/pkg/gateway/endorsement.go, endorse.go:Endorse
 */
export class EndorsementCollector {
  readonly #layouts: readonly Layout[];
  readonly #local: EndorsingPeer;
  readonly #endorsements = new Map<EndorsingPeer, peer.Endorsement>();
  readonly #failed = new Set<EndorsingPeer>();
  readonly #details: RpcErrorDetail[] = [];
  #payload: Uint8Array | undefined;

  constructor(layouts: readonly Layout[], local: EndorsingPeer) {
    this.#layouts = layouts;
    this.#local = local;
  }

  /** Takes a good answer; one that differs from the first counts as a failure. */
  add(endorser: EndorsingPeer, response: peer.ProposalResponse): void {
    const payload = response.getPayload_asU8();
    this.#payload ??= payload;
    if (!sameBytes(this.#payload, payload)) {
      this.#fail(endorser, 'ProposalResponsePayloads do not match');
      return;
    }
    const endorsement = response.getEndorsement();
    if (endorsement) this.#endorsements.set(endorser, endorsement);
    else this.#fail(endorser, 'the peer gave no endorsement');
  }

  /** @throws RpcError when no layout can be completed */
  async collect(signed: peer.SignedProposal): Promise<CollectedEndorsements> {
    for (const layout of this.#layouts) {
      if (layout.some((one) => this.#failed.has(one))) continue;
      const missing = layout.filter((one) => !this.#endorsements.has(one));
      await Promise.all(missing.map((one) => this.#ask(one, signed)));
      const complete = this.#completed(layout);
      if (complete) return complete;
    }
    throw new RpcError(
      status.ABORTED,
      'failed to collect enough transaction endorsements, see attached details for more info',
      this.#details,
    );
  }

  async #ask(endorser: EndorsingPeer, signed: peer.SignedProposal): Promise<void> {
    const outcome = await askPeer(endorser, signed, endorser === this.#local);
    if (outcome.ok) this.add(endorser, outcome.response);
    else this.#fail(endorser, outcome.message);
  }

  #completed(layout: Layout): CollectedEndorsements | undefined {
    const payload = this.#payload;
    if (!payload || layout.some((one) => this.#failed.has(one))) return undefined;
    // The order in which they came in, as the policies are sensitive to order.
    const endorsements = [...this.#endorsements]
      .filter(([endorser]) => layout.includes(endorser))
      .map(([, endorsement]) => endorsement);
    return { payload, endorsements };
  }

  #fail(endorser: EndorsingPeer, message: string): void {
    this.#failed.add(endorser);
    this.#details.push({ address: endorser.address, mspId: endorser.mspId, message });
  }
}
