import { common } from '@hyperledger/fabric-protos';
import type { MspIdentity, MspRegistry } from '../identity/msp';
import { MspError } from '../../../certificates/msp-error';

/** Bytes, who is said to have signed them, and the signature (protoutil.SignedData). */
export interface SignedDatum {
  readonly data: Uint8Array;
  /** msp.SerializedIdentity bytes. */
  readonly identity: Uint8Array;
  readonly signature: Uint8Array;
}

/**
 * The identities of the good signatures, in order and each once. A datum of an unknown or
 * undecodable identity, or with a bad signature, is passed over; a later good one of the same
 * identity counts. Whether an identity is valid under its MSP is left to the principals.
 * Source: common/policies/policy.go:SignatureSetToValidIdentities.
 */
export function identitiesOf(signed: readonly SignedDatum[], msps: MspRegistry): MspIdentity[] {
  const accepted = new Map<string, MspIdentity>();
  for (const datum of signed) {
    const identity = deserializeOrSkip(datum.identity, msps);
    if (!identity) continue;
    const key = `${identity.mspId}/${identity.certificateHash}`;
    if (accepted.has(key) || !identity.verify(datum.data, datum.signature)) continue;
    accepted.set(key, identity);
  }
  return [...accepted.values()];
}

/**
 * Greedy and dependent on order: a principal takes the first identity that fits and is still free;
 * a gate tries all its rules, and only a rule that succeeds keeps what it took. There is no going
 * back, so AND('A.member', 'A.admin') refuses [admin, user] and accepts [user, admin].
 * Source: common/cauthdsl/cauthdsl.go:compile.
 * @returns false too for an envelope that does not hold together
 */
export function satisfiesSignaturePolicy(
  envelope: common.SignaturePolicyEnvelope,
  identities: readonly MspIdentity[],
): boolean {
  const rule = envelope.getRule();
  if (!rule || !holdsTogether(envelope)) return false;
  const taken = identities.map(() => false);
  return evaluate({ envelope, identities }, rule, taken);
}

const checked = new WeakMap<common.SignaturePolicyEnvelope, boolean>();

function holdsTogether(envelope: common.SignaturePolicyEnvelope): boolean {
  let answer = checked.get(envelope);
  if (answer === undefined) {
    answer = isSound(envelope.getRule(), envelope.getIdentitiesList().length);
    checked.set(envelope, answer);
  }
  return answer;
}

/** One bad rule spoils the whole policy, even where the others would suffice. */
function isSound(rule: common.SignaturePolicy | undefined, principals: number): boolean {
  switch (rule?.getTypeCase()) {
    case common.SignaturePolicy.TypeCase.SIGNED_BY:
      return rule.getSignedBy() >= 0 && rule.getSignedBy() < principals;
    case common.SignaturePolicy.TypeCase.N_OUT_OF:
      return (
        rule
          .getNOutOf()
          ?.getRulesList()
          .every((one) => isSound(one, principals)) ?? false
      );
    default:
      return false;
  }
}

interface Evaluation {
  readonly envelope: common.SignaturePolicyEnvelope;
  readonly identities: readonly MspIdentity[];
}

function evaluate(what: Evaluation, rule: common.SignaturePolicy, taken: boolean[]): boolean {
  switch (rule.getTypeCase()) {
    case common.SignaturePolicy.TypeCase.SIGNED_BY:
      return takeFirstFit(what, rule.getSignedBy(), taken);
    case common.SignaturePolicy.TypeCase.N_OUT_OF:
      return evaluateGate(what, rule.getNOutOf(), taken);
    default:
      return false;
  }
}

function evaluateGate(
  what: Evaluation,
  gate: common.SignaturePolicy.NOutOf | undefined,
  taken: boolean[],
): boolean {
  if (!gate) return false;
  let verified = 0;
  for (const rule of gate.getRulesList()) {
    const attempt = [...taken];
    if (!evaluate(what, rule, attempt)) continue;
    verified++;
    attempt.forEach((isTaken, index) => (taken[index] = isTaken));
  }
  return verified >= gate.getN();
}

function takeFirstFit(what: Evaluation, signedBy: number, taken: boolean[]): boolean {
  const principal = what.envelope.getIdentitiesList()[signedBy];
  if (!principal) return false;
  const index = what.identities.findIndex(
    (identity, at) => taken[at] !== true && identity.satisfies(principal),
  );
  if (index === -1) return false;
  taken[index] = true;
  return true;
}

function deserializeOrSkip(serialized: Uint8Array, msps: MspRegistry): MspIdentity | undefined {
  try {
    return msps.deserialize(serialized);
  } catch (error) {
    if (error instanceof MspError) return undefined;
    throw error;
  }
}
