/** A proposal whose creator is known but not valid, or whose signature is not the creator's. */
export const accessDenied =
  'error validating proposal: access denied: channel [procurement] creator org [MinistryMSP]';

/** A proposal whose creator cannot be read as an identity of the channel. */
export const creatorMalformed =
  'error validating proposal: access denied: channel [procurement] creator org unknown, ' +
  'creator is malformed';

/** An implicit policy that nobody satisfied. */
export function implicitPolicyFailure(policy: 'Readers' | 'Writers'): string {
  return (
    'implicit policy evaluation failed - 0 sub-policies were satisfied, but this policy ' +
    `requires 1 of the '${policy}' sub-policies to be satisfied`
  );
}

/** A request that the access rules of a channel refuse. */
export function policyCheckFailure(policy: 'Readers' | 'Writers', channel = 'procurement'): string {
  return (
    `Failed evaluating policy on signed data during check policy on channel [${channel}] with ` +
    `policy [/Channel/Application/${policy}]: [${implicitPolicyFailure(policy)}]`
  );
}

/** How the client libraries give the refusal of a peer to endorse. */
export function unknownError(details: string): object {
  return { ok: false, grpcCode: 2, message: `2 UNKNOWN: ${details}`, details };
}
