import { peer } from '@hyperledger/fabric-protos';
import type { Compat } from '../../../topology';
import type { JoinedChannels } from '../channel';
import { AccessDeniedError, checkAccess } from '../endorse/access-control';
import { failure, signedDatumOf, success, textArgument } from './system-chaincode';
import type { SystemCall, SystemChaincode } from './system-chaincode';

/** What the queries are about. */
export interface LegacyQueryParts {
  readonly channels: JoinedChannels;
  readonly compat: Compat;
}

/**
 * What is left of `lscc`, the lifecycle before `_lifecycle`. On 2.5 it lists the chaincodes of the
 * old kind, of which there are none; 3.1 takes its name for that of a package that is not there.
 * Source: core/scc/lscc/lscc.go of 2.5.
 */
export function legacyQueries({ channels, compat }: LegacyQueryParts): SystemChaincode {
  const invoke = compat === '2.5' ? answer : refuse;
  return { simulated: true, invoke: (call) => invoke(call, channels) };
}

async function answer(call: SystemCall, channels: JoinedChannels): Promise<peer.Response> {
  const name = textArgument(call, 0);
  if (name !== 'getchaincodes' && name !== 'GetChaincodes') {
    return failure(`invalid function to lscc: ${name}`);
  }
  if (call.args.length !== 1)
    return failure(`invalid number of arguments to lscc: ${call.args.length}`);
  const { channelId } = call.proposal;
  try {
    const signed = signedDatumOf(call.proposal);
    const channel = channels.get(channelId)?.config;
    checkAccess({ resource: 'lscc/GetInstantiatedChaincodes', channelId, channel, signed });
  } catch (error) {
    if (!(error instanceof AccessDeniedError)) throw error;
    return failure(`access denied for [${name}][${channelId}]: ${error.message}`);
  }
  // Reading it to its end belongs into the read set; nothing ever writes there. The shim begins an
  // open range behind the composite keys.
  await call.simulator?.range({ namespace: 'lscc', startKey: '\u0001', endKey: '' }).next();
  return success(new peer.ChaincodeQueryResponse().serializeBinary());
}

/** The path is that of a peer with the folders it has by default. */
function refuse({ proposal }: SystemCall): never {
  throw new Error(
    `failed to execute transaction ${proposal.txId}: could not launch chaincode lscc.syscc: ` +
      'error building chaincode: error building image: failed to get chaincode package for ' +
      "external build: could not get legacy chaincode package 'lscc.syscc': open " +
      '/var/hyperledger/production/chaincodes/lscc.syscc: no such file or directory',
  );
}
