/** Fabric's transaction messages, as both the device that signs and the gateway that relays. */
export { ATTESTING, type AttestationRead, readAttestation } from './attestation';
export {
  blockDataHash,
  blockHeaderBytes,
  blockHeaderHash,
  type BlockHeaderRead,
  type BlockRead,
  type BlockSignatureRead,
  type BlockSignaturesRead,
  type EnvelopeRead,
  METADATA_SLOTS,
  readBlock,
  readBlockSignatures,
  readEnvelope,
  VALID,
} from './block';
export {
  type ConfigurationRead,
  type Consenter,
  quorumOf,
  readConfiguration,
} from './configuration';
export {
  buildProposal,
  type BuiltProposal,
  type ChaincodeCall,
  creatorBytes,
  NONCE_LENGTH,
  type ProposalContent,
  readCreator,
  readProposal,
  type ReadProposal,
  type TransactionCreator,
  transactionIdOf,
} from './proposal';
export { FabricMessageError, sha256Of } from './strict';
export {
  type EndorsementRead,
  readTransaction,
  type ReadRead,
  type ReadTransaction,
  type WriteRead,
} from './transaction';
