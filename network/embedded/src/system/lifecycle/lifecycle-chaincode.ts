import type { peer } from '@hyperledger/fabric-protos';
import type { Compat } from '../../../../topology';
import type { JoinedChannels } from '../../channel';
import { AccessDeniedError, checkAccess, checkLocalAccess } from '../../endorse/access-control';
import type { LocalMsp } from '../../identity/local-msp';
import { localResources } from '../../policy/acl';
import { textOf } from '../../../../machine/text-of';
import { LIFECYCLE } from '../../state/lifecycle-keys';
import { failure, signedDatumOf, success, textArgument } from '../system-chaincode';
import type { SystemCall, SystemChaincode } from '../system-chaincode';
import { channelFunctions, NotDefinedError } from './channel-functions';
import { packageFunctions } from './package-functions';
import type { PackageContext } from './package-functions';

/** What the lifecycle of a peer works on. */
export interface LifecycleParts extends PackageContext {
  readonly channels: JoinedChannels;
  /** The peer's own organization. */
  readonly localMsp: LocalMsp;
  readonly compat: Compat;
}

/**
 * The `_lifecycle` chaincode: packages of the peer, approvals of its organization, definitions of
 * the channel. Source: core/chaincode/lifecycle/scc.go.
 */
export function lifecycleChaincode(parts: LifecycleParts): SystemChaincode {
  return { simulated: true, invoke: (call) => answer(call, parts) };
}

async function answer(call: SystemCall, parts: LifecycleParts): Promise<peer.Response> {
  const { args } = call;
  if (args.length === 0) return failure('lifecycle scc must be invoked with arguments');
  if (args.length !== 2) {
    return failure(
      `lifecycle scc operations require exactly two arguments but received ${args.length}`,
    );
  }
  const name = textArgument(call, 0);
  try {
    authorize(name, call, parts);
  } catch (error) {
    if (!(error instanceof AccessDeniedError)) throw error;
    return failure(`Failed to authorize invocation due to failed ACL check: ${error.message}`);
  }
  try {
    return success(await run(name, call, parts));
  } catch (error) {
    if (error instanceof NotDefinedError) return failure(error.message, 404);
    return failure(`failed to invoke backing implementation of '${name}': ${textOf(error)}`);
  }
}

/** @throws AccessDeniedError */
function authorize(name: string, call: SystemCall, parts: LifecycleParts): void {
  const resource = `${LIFECYCLE}/${name}`;
  const role = localResources[resource];
  const { localMsp } = parts;
  if (role) {
    checkLocalAccess({ role, localMsp, creator: call.proposal.creator });
    return;
  }
  const { channelId } = call.proposal;
  const signed = signedDatumOf(call.proposal);
  checkAccess({ resource, channelId, channel: parts.channels.get(channelId)?.config, signed });
}

/** @throws Error with Fabric's text */
async function run(name: string, call: SystemCall, parts: LifecycleParts): Promise<Uint8Array> {
  const argument = call.args[1] ?? new Uint8Array();
  const ofPackages = packageFunctions[name];
  if (ofPackages) return ofPackages(argument, parts);
  const { channelId } = call.proposal;
  const channel = parts.channels.get(channelId);
  const ofChannel = channelFunctions[name];
  if (!ofChannel) throw new Error(`receiver *lifecycle.Invocation.${name} does not exist`);
  if (!channel || !call.simulator) {
    throw new Error(`no application config for channel '${channelId}'`);
  }
  const { compat, localMsp } = parts;
  return ofChannel(argument, { channel, simulator: call.simulator, mspId: localMsp.mspId, compat });
}
