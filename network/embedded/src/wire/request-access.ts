import { status } from '@grpc/grpc-js';
import type { SignedDatum } from '../policy/signature-policy';
import { textOf } from '../../../machine/text-of';
import type { GatewayNode } from './gateway-context';
import { RpcError } from './rpc-error';

/** A signed request that carries its signer's identity inside. */
interface SignedRequest {
  getRequest_asU8(): Uint8Array;
  getSignature_asU8(): Uint8Array;
}

interface ChannelRequest {
  getChannelId(): string;
  getIdentity_asU8(): Uint8Array;
}

/** A request, and who is said to have signed it. */
export interface RequestParts {
  readonly signed: SignedRequest;
  readonly request: ChannelRequest;
}

/** What a request says of its signature. */
function signedDatumOf({ signed, request }: RequestParts): SignedDatum {
  return {
    data: signed.getRequest_asU8(),
    identity: request.getIdentity_asU8(),
    signature: signed.getSignature_asU8(),
  };
}

/**
 * Checks that the signer of a request may use a resource of the channel that it names.
 * @throws RpcError PERMISSION_DENIED with Fabric's text
 */
export function checkRequestAccess(node: GatewayNode, resource: string, parts: RequestParts): void {
  try {
    node.checkAccess(resource, parts.request.getChannelId(), signedDatumOf(parts));
  } catch (error) {
    throw new RpcError(status.PERMISSION_DENIED, textOf(error));
  }
}
