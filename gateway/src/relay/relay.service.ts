import { Inject, Injectable } from '@nestjs/common';
import type { ReadProposal } from '@procurement/protocol/fabric';
import { SETTINGS } from '../config/settings';
import type { Settings } from '../config/settings';
import { Identities } from '../identity/identities';
import type { Person } from '../identity/person';
import { LEDGER } from '../ledger/ledger.port';
import type {
  CommitStatus,
  Creator,
  Endorsement,
  LedgerPort,
  Proposal,
} from '../ledger/ledger.port';
import { Metrics } from '../metrics/metrics';
import { LedgerProgress } from '../transactions/ledger-progress';
import { validationCodeName } from '../ledger/validation-code';
import { checkProposal, checkTransaction } from './relay-check';
import { RelayRefused } from './relay-errors';

/** Bytes and the signature over them. */
export interface Signed {
  readonly bytes: Uint8Array;
  readonly signature: Uint8Array;
}

/** What one organisation's peer says of a transaction. */
export interface PeerStatus {
  readonly mspId: string;
  readonly blockNumber: string;
  readonly validationCode: string;
}

/**
 * Passes on what people have signed with keys that this gateway does not have. Everything is read
 * first; nothing is changed, and the chaincode and the peers decide.
 */
@Injectable()
export class RelayService {
  constructor(
    @Inject(LEDGER) private readonly ledger: LedgerPort,
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly identities: Identities,
    private readonly progress: LedgerProgress,
    private readonly metrics: Metrics,
  ) {}

  /**
   * Runs a signed query on the peer of its signer's organisation.
   * @param person who has signed in; undefined for the query that signs in
   * @param admit refuses, by throwing, what its route does not take; the ledger is asked after it
   * @throws RelayRefused, or LedgerStageError if the ledger refused it
   */
  query(signed: Signed, person: Person | undefined, admit?: Admission): Promise<QueryRelayed> {
    return this.metrics.relayed('query', this.#query(signed, person, admit));
  }

  async #query(
    signed: Signed,
    person: Person | undefined,
    admit?: Admission,
  ): Promise<QueryRelayed> {
    this.#requireRelay();
    const read = await checkProposal(signed.bytes, this.settings, person);
    admit?.(read);
    const { creator, transactionId } = read;
    const proposal: Proposal = { transactionId, creator, bytes: signed.bytes };
    const answer = await this.ledger.evaluate(proposal, signatureOf(signed));
    return { creator, result: text(answer) };
  }

  /**
   * Collects endorsements for a signed proposal: of a command, to be handed in, or of a query,
   * whose answer then stands under the signatures of the organisations that must endorse.
   * @throws RelayRefused, or LedgerStageError if the ledger refused it
   */
  endorse(signed: Signed, person: Person): Promise<Endorsement> {
    return this.metrics.relayed('proposal', this.#endorse(signed, person));
  }

  async #endorse(signed: Signed, person: Person): Promise<Endorsement> {
    this.#requireRelay();
    const { transactionId, creator } = await checkProposal(signed.bytes, this.settings, person);
    return this.ledger.endorse(
      { transactionId, creator, bytes: signed.bytes },
      signatureOf(signed),
    );
  }

  /**
   * Hands a signed transaction to the ordering service, bytes unchanged.
   * @throws RelayRefused, or LedgerStageError of the stage that failed
   */
  submit(signed: Signed, person: Person): Promise<{ readonly transactionId: string }> {
    return this.metrics.relayed('transaction', this.#submit(signed, person));
  }

  async #submit(signed: Signed, person: Person): Promise<{ readonly transactionId: string }> {
    this.#requireRelay();
    const { proposal, result } = await checkTransaction(signed.bytes, this.settings, person);
    const { transactionId, creator } = proposal;
    const endorsement = { transactionId, creator, payload: signed.bytes, result };
    await this.ledger.submit(endorsement, signatureOf(signed));
    return { transactionId };
  }

  /**
   * Waits until peers of two organisations, the gateway's own first, have the transaction in a
   * block, and tells what each of them says. The gateway asks with its own identity.
   * @throws LedgerStageError where one of them does not say in time
   */
  async statuses(transactionId: string): Promise<readonly PeerStatus[]> {
    const { service } = this.identities;
    const creator: Creator = { mspId: service.mspId, certificate: service.certificate };
    const statuses = await Promise.all(
      this.settings.receiptOrganizations.map(async (peerOf) => {
        const status = await this.ledger.status({ transactionId, creator, peerOf }, service.sign);
        this.progress.seen(status.blockNumber);
        return peerStatus(peerOf, status);
      }),
    );
    return statuses;
  }

  #requireRelay(): void {
    if (!this.ledger.relays) throw new RelayRefused('RELAY_UNSUPPORTED');
  }
}

/** What a route takes besides what every route does. */
export type Admission = (proposal: ReadProposal) => void;

/** A query that was passed on, and what came back. */
export interface QueryRelayed {
  readonly creator: Creator;
  readonly result: string;
}

function peerStatus(mspId: string, { blockNumber, code }: CommitStatus): PeerStatus {
  return { mspId, blockNumber: blockNumber.toString(), validationCode: validationCodeName(code) };
}

function signatureOf({ signature }: Signed): () => Promise<Uint8Array> {
  return () => Promise.resolve(signature);
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8');
}
