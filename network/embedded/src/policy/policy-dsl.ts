import type { common } from '@hyperledger/fabric-protos';

/** A policy text that does not parse; the message says where. */
export class PolicySyntaxError extends Error {
  override readonly name = 'PolicySyntaxError';
}

/**
 * @param text such as `AND('A.peer', OutOf(1, 'B.member', 'C.admin'))`
 * @throws PolicySyntaxError
 */
export declare function parsePolicy(text: string): common.SignaturePolicyEnvelope;
