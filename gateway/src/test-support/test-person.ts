import { randomBytes } from 'node:crypto';
import { peer } from '@hyperledger/fabric-protos';
import { encodeCanonical } from '@procurement/protocol';
import { buildProposal } from '@procurement/protocol/fabric';
import { certificateFacts } from '../identity/certificate';
import { newSign } from '../identity/sign';
import type { Creator } from '../ledger/ledger.port';
import { newTestCertificate } from './certificates';

/** What a person asks for: registering as a vendor, where nothing is said. */
export interface PersonCall {
  readonly channel?: string;
  readonly chaincode?: string;
  readonly transaction?: string;
  readonly input?: object;
  readonly transient?: Readonly<Record<string, string>>;
}

/** A signed proposal, as the routes of people take it. */
export interface ProposalBody {
  readonly proposal: string;
  readonly signature: string;
}

/** Somebody whose key is not the gateway's. */
export interface TestPerson extends Creator {
  readonly spki: string;
  readonly role: string;
  propose(call: PersonCall): Promise<{
    readonly transactionId: string;
    readonly bytes: Uint8Array;
    readonly body: ProposalBody;
  }>;
  signProposal(bytes: Uint8Array): Promise<ProposalBody>;
  signTransaction(
    payload: Uint8Array,
  ): Promise<{ readonly payload: string; readonly signature: string }>;
}

/** A person with a new key and certificate. */
export function newTestPerson(options: {
  readonly name: string;
  readonly mspId: string;
  readonly role: string;
}): TestPerson {
  const { name, mspId, role } = options;
  const made = newTestCertificate({ name, mspId, attributes: { role } });
  const { certificate } = made;
  const sign = newSign(made.privateKey);
  const signProposal = async (bytes: Uint8Array): Promise<ProposalBody> => ({
    proposal: text(bytes),
    signature: text(await sign(bytes)),
  });
  return {
    ...{ mspId, certificate, role, spki: certificateFacts(certificate).spki, signProposal },
    propose: async (call) => {
      const { channel = 'procurement', chaincode = 'procurement' } = call;
      const { transaction = 'vendor:register', input = {}, transient = {} } = call;
      const built = await buildProposal({
        ...{ channel, chaincode, transaction, args: [encodeCanonical(input)] },
        ...{ creator: { mspId, certificate }, nonce: randomBytes(24), atMs: Date.now() },
      });
      const bytes = withTransient(built.bytes, transient);
      return { transactionId: built.transactionId, bytes, body: await signProposal(bytes) };
    },
    signTransaction: async (payload) => ({
      payload: text(payload),
      signature: text(await sign(payload)),
    }),
  };
}

function withTransient(bytes: Uint8Array, transient: Readonly<Record<string, string>>): Uint8Array {
  const proposal = peer.Proposal.deserializeBinary(bytes);
  const payload = peer.ChaincodeProposalPayload.deserializeBinary(proposal.getPayload_asU8());
  for (const [name, value] of Object.entries(transient)) {
    payload.getTransientmapMap().set(name, Buffer.from(value));
  }
  proposal.setPayload(payload.serializeBinary());
  return proposal.serializeBinary();
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}
