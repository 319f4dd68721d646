import { peer } from '@hyperledger/fabric-protos';
import type { Compat } from '../../../topology';
import type { JoinedChannel, JoinedChannels } from '../channel';
import type { LocalMsp } from '../identity/local-msp';
import type { SigningIdentity } from '../../../certificates/signing-identity';
import { textOf } from '../../../machine/text-of';
import type { Clock } from '../seams';
import type { TxSimulator } from '../state/simulator';
import { failure, signedDatumOf, systemChaincodeVersion } from '../system/system-chaincode';
import type { SystemChaincode } from '../system/system-chaincode';
import { checkAccess } from './access-control';
import { ProposalError, unpackProposal, validateProposal } from './proposal';
import type { UnpackedProposal } from './proposal';
import { checkExpiry, checkTimeWindow } from './proposal-filters';

/** What one run of a chaincode gave. */
export interface Simulated {
  readonly response: peer.Response;
  readonly event?: peer.ChaincodeEvent;
  /** Serialized rwset.TxReadWriteSet; empty when the chaincode has no simulation. */
  readonly results: Uint8Array;
  /** Which policies the transaction will have to satisfy. */
  readonly interest?: peer.ChaincodeInterest;
}

/** The chaincodes that a channel has and this peer can run. */
export interface ChaincodeRunner {
  /**
   * Version of the chaincode's definition.
   * @throws Error with Fabric's text when this peer does not run the chaincode
   */
  versionOf(chaincodeName: string): string;
  /** Runs a chaincode. @throws Error with Fabric's text, such as for a timeout */
  run(proposal: UnpackedProposal): Promise<Simulated>;
  /** A simulation on the ledger as it is now; whoever asks for it ends it. */
  simulator(txId: string): TxSimulator;
  /** Runs a built-in chaincode with a simulation of its own. */
  runSystem(proposal: UnpackedProposal, chaincode: SystemChaincode): Promise<Simulated>;
}

/** A channel that proposals may be for. */
export interface EndorsingChannel extends JoinedChannel {
  readonly runner: ChaincodeRunner;
}

/** What an endorser is made of. */
export interface EndorserParts {
  readonly identity: SigningIdentity;
  readonly channels: JoinedChannels<EndorsingChannel>;
  /** Whose members may make proposals without a channel. */
  readonly localMsp: LocalMsp;
  readonly systemChaincodes: ReadonlyMap<string, SystemChaincode>;
  readonly clock: Clock;
  readonly compat: Compat;
}

/** Statuses below this are endorsed (shim.ERRORTHRESHOLD). */
const errorThreshold = 400;
/** Statuses from here on come back with their payload, unendorsed (shim.ERROR). */
const errorStatus = 500;

/** Simulates proposals and signs the outcome. Source: core/endorser/endorser.go. */
export class Endorser {
  readonly #parts: EndorserParts;

  constructor(parts: EndorserParts) {
    this.#parts = parts;
  }

  /**
   * What a proposal must pass before it is processed: a certificate that has not expired, and from
   * 3.1 on a timestamp that is not far off (core/handlers/auth/filter).
   * @throws ProposalError
   */
  checkFilters(signed: peer.SignedProposal): void {
    const { clock, compat } = this.#parts;
    checkExpiry(signed, clock);
    if (compat !== '2.5') checkTimeWindow(signed, clock);
  }

  /**
   * Answers a proposal. Failures of the chaincode and of its execution are answers with their
   * status; they carry no endorsement.
   * @throws MalformedMessageError, ProposalError, AccessDeniedError for a proposal that is not
   *   processed at all (gRPC status UNKNOWN)
   */
  async processProposal(signed: peer.SignedProposal): Promise<peer.ProposalResponse> {
    const proposal = unpackProposal(signed);
    const { channelId } = proposal;
    const channel = this.#parts.channels.get(channelId);
    if (channelId !== '' && !channel) {
      return responseOnly(failure(`channel '${channelId}' not found`));
    }
    this.#preProcess(proposal, channel);
    try {
      return await this.#endorse(proposal, channel);
    } catch (error) {
      return responseOnly(failure(textOf(error)));
    }
  }

  #preProcess(proposal: UnpackedProposal, channel: EndorsingChannel | undefined): void {
    const { channelId, txId, creator } = proposal;
    const config = channel?.config;
    try {
      validateProposal(proposal, config?.msps ?? this.#parts.localMsp);
    } catch (error) {
      if (!(error instanceof ProposalError)) throw error;
      throw new ProposalError(`error validating proposal: ${error.message}`);
    }
    if (!channel) return;
    if (channel.ledger.hasTransaction(txId)) {
      const hex = Buffer.from(creator).toString('hex');
      throw new ProposalError(`duplicate transaction found [${txId}]. Creator [${hex}]`);
    }
    if (this.#parts.systemChaincodes.has(proposal.chaincodeName)) return;
    const signed = signedDatumOf(proposal);
    checkAccess({ resource: 'peer/Propose', channelId, channel: config, signed });
  }

  async #endorse(
    proposal: UnpackedProposal,
    channel: EndorsingChannel | undefined,
  ): Promise<peer.ProposalResponse> {
    const version = this.#versionOf(proposal, channel);
    const simulated = await this.#simulate(proposal, channel);
    const status = simulated.response.getStatus();
    if (status < errorStatus && (status >= errorThreshold || proposal.channelId === '')) {
      return responseOnly(simulated.response);
    }
    const payload = proposalResponsePayload({ proposal, simulated, version });
    const answer = responseOnly(simulated.response);
    answer.setPayload(payload);
    if (simulated.interest) answer.setInterest(simulated.interest);
    if (status >= errorStatus) return answer;
    answer.setVersion(1);
    answer.setEndorsement(endorsementOf(payload, this.#parts.identity));
    return answer;
  }

  #versionOf(proposal: UnpackedProposal, channel: EndorsingChannel | undefined): string {
    const { channelId, chaincodeName } = proposal;
    if (this.#parts.systemChaincodes.has(chaincodeName)) return systemChaincodeVersion;
    try {
      if (channel) return channel.runner.versionOf(chaincodeName);
      throw new Error(`chaincode ${chaincodeName} not found`);
    } catch (error) {
      throw new Error(
        `make sure the chaincode ${chaincodeName} has been successfully defined on channel ` +
          `${channelId} and try again: ${textOf(error)}`,
        { cause: error },
      );
    }
  }

  async #simulate(
    proposal: UnpackedProposal,
    channel: EndorsingChannel | undefined,
  ): Promise<Simulated> {
    try {
      const system = this.#parts.systemChaincodes.get(proposal.chaincodeName);
      if (channel && !system) return await channel.runner.run(proposal);
      if (!system) throw new Error(`chaincode ${proposal.chaincodeName} not found`);
      if (channel && system.simulated) return await channel.runner.runSystem(proposal, system);
      const args = proposal.input.getArgsList_asU8();
      return { response: await system.invoke({ args, proposal }), results: new Uint8Array() };
    } catch (error) {
      throw new Error(`error in simulation: ${textOf(error)}`, { cause: error });
    }
  }
}

function responseOnly(response: peer.Response): peer.ProposalResponse {
  const answer = new peer.ProposalResponse();
  answer.setResponse(response);
  return answer;
}

/** What endorsers sign and validators check (protoutil.GetBytesProposalResponsePayload). */
function proposalResponsePayload(parts: {
  readonly proposal: UnpackedProposal;
  readonly simulated: Simulated;
  readonly version: string;
}): Uint8Array {
  const id = new peer.ChaincodeID();
  id.setName(parts.proposal.chaincodeName);
  id.setVersion(parts.version);
  const action = new peer.ChaincodeAction();
  action.setResponse(parts.simulated.response);
  action.setResults(parts.simulated.results);
  if (parts.simulated.event) action.setEvents(parts.simulated.event.serializeBinary());
  action.setChaincodeId(id);
  const payload = new peer.ProposalResponsePayload();
  payload.setProposalHash(parts.proposal.proposalHash);
  payload.setExtension$(action.serializeBinary());
  return payload.serializeBinary();
}

/** Source: core/handlers/endorsement/builtin/default_endorsement.go:Endorse. */
function endorsementOf(payload: Uint8Array, identity: SigningIdentity): peer.Endorsement {
  const endorsement = new peer.Endorsement();
  endorsement.setEndorser(identity.serialized);
  const signed = Buffer.concat([payload, identity.serialized]);
  endorsement.setSignature(identity.sign(signed));
  return endorsement;
}
