import { peer } from '@hyperledger/fabric-protos';
import type { ChannelConfig } from '../config/channel-config';
import { MspError } from '../identity/msp';
import type { SigningIdentity } from '../identity/signing-identity';
import { textOf } from '../seams';
import type { Clock } from '../seams';
import { failure, signedDatumOf, systemChaincodeVersion } from '../system/system-chaincode';
import type { SystemChaincode } from '../system/system-chaincode';
import { checkAccess } from './access-control';
import { creatorOf, ProposalError, unpackProposal, validateProposal } from './proposal';
import type { CreatorDirectory, UnpackedProposal } from './proposal';

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
  /** Version of the chaincode's definition; undefined when the channel has no such chaincode. */
  versionOf(chaincodeName: string): string | undefined;
  /** Runs a chaincode. @throws Error with Fabric's text, such as for a timeout */
  run(proposal: UnpackedProposal): Promise<Simulated>;
  /** Runs a built-in chaincode with a simulation of its own. */
  runSystem(proposal: UnpackedProposal, chaincode: SystemChaincode): Promise<Simulated>;
}

/** What an endorser is made of. */
export interface EndorserParts {
  readonly identity: SigningIdentity;
  readonly config: ChannelConfig;
  readonly hasTransaction: (txId: string) => boolean;
  readonly runner: ChaincodeRunner;
  readonly systemChaincodes: ReadonlyMap<string, SystemChaincode>;
  readonly clock: Clock;
}

/** Statuses below this are endorsed (shim.ERRORTHRESHOLD). */
const errorThreshold = 400;
/** Statuses from here on come back with their payload, unendorsed (shim.ERROR). */
const errorStatus = 500;

/** Simulates proposals and signs the outcome. Source: core/endorser/endorser.go. */
export class Endorser {
  readonly #parts: EndorserParts;
  readonly #channelDirectory: CreatorDirectory;
  readonly #localDirectory: CreatorDirectory;

  constructor(parts: EndorserParts) {
    this.#parts = parts;
    this.#channelDirectory = parts.config.msps;
    this.#localDirectory = ownMembersOnly(parts.config, parts.identity.mspId);
  }

  /**
   * Refuses a creator whose certificate has expired. Only calls over the network go through this
   * (core/handlers/auth/filter/expiration.go); the gateway's own peer is called without.
   * @throws ProposalError
   */
  checkExpiry(signed: peer.SignedProposal): void {
    const creator = creatorOf(signed);
    try {
      const { notAfter } = this.#parts.config.msps.deserialize(creator);
      if (notAfter.getTime() > this.#parts.clock.nowMs()) return;
    } catch (error) {
      // Whoever cannot be read is refused with a better text by the checks that follow.
      if (error instanceof MspError) return;
      throw error;
    }
    throw new ProposalError('proposal client identity expired');
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
    if (channelId !== '' && channelId !== this.#parts.config.channelId) {
      return responseOnly(failure(`channel '${channelId}' not found`));
    }
    this.#preProcess(proposal);
    try {
      return await this.#endorse(proposal);
    } catch (error) {
      return responseOnly(failure(textOf(error)));
    }
  }

  #preProcess(proposal: UnpackedProposal): void {
    const { channelId, txId, creator } = proposal;
    const local = channelId === '';
    try {
      validateProposal(proposal, local ? this.#localDirectory : this.#channelDirectory);
    } catch (error) {
      if (!(error instanceof ProposalError)) throw error;
      throw new ProposalError(`error validating proposal: ${error.message}`);
    }
    if (local) return;
    if (this.#parts.hasTransaction(txId)) {
      const hex = Buffer.from(creator).toString('hex');
      throw new ProposalError(`duplicate transaction found [${txId}]. Creator [${hex}]`);
    }
    if (this.#parts.systemChaincodes.has(proposal.chaincodeName)) return;
    const signed = signedDatumOf(proposal);
    checkAccess({ resource: 'peer/Propose', channelId, channel: this.#parts.config, signed });
  }

  async #endorse(proposal: UnpackedProposal): Promise<peer.ProposalResponse> {
    const version = this.#versionOf(proposal);
    const simulated = await this.#simulate(proposal);
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

  #versionOf(proposal: UnpackedProposal): string {
    const { channelId, chaincodeName } = proposal;
    if (this.#parts.systemChaincodes.has(chaincodeName)) return systemChaincodeVersion;
    const version = channelId === '' ? undefined : this.#parts.runner.versionOf(chaincodeName);
    if (version !== undefined) return version;
    throw new Error(
      `make sure the chaincode ${chaincodeName} has been successfully defined on channel ` +
        `${channelId} and try again: chaincode ${chaincodeName} not found`,
    );
  }

  async #simulate(proposal: UnpackedProposal): Promise<Simulated> {
    try {
      const system = this.#parts.systemChaincodes.get(proposal.chaincodeName);
      if (!system) return await this.#parts.runner.run(proposal);
      if (system.simulated) return await this.#parts.runner.runSystem(proposal, system);
      const args = proposal.input.getArgsList_asU8();
      return { response: await system.invoke({ args, proposal }), results: new Uint8Array() };
    } catch (error) {
      throw new Error(`error in simulation: ${textOf(error)}`, { cause: error });
    }
  }
}

function ownMembersOnly(config: ChannelConfig, mspId: string): CreatorDirectory {
  return {
    deserialize(serialized) {
      const identity = config.msps.deserialize(serialized);
      if (identity.mspId === mspId) return identity;
      throw new MspError(`expected MSP ID ${mspId}, received ${identity.mspId}`);
    },
    validate(identity) {
      config.msps.validate(identity);
    },
  };
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
  endorsement.setSignature(identity.sign(Buffer.concat([payload, identity.serialized])));
  return endorsement;
}
