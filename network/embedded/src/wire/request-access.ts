import { status } from '@grpc/grpc-js';
import { textOf } from '../seams';
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

/**
 * Checks that the signer of a request may use a resource of the channel that it names.
 * @throws RpcError PERMISSION_DENIED with Fabric's text
 */
export function checkRequestAccess(
  node: GatewayNode,
  resource: string,
  { signed, request }: { readonly signed: SignedRequest; readonly request: ChannelRequest },
): void {
  const datum = {
    data: signed.getRequest_asU8(),
    identity: request.getIdentity_asU8(),
    signature: signed.getSignature_asU8(),
  };
  try {
    node.checkAccess(resource, request.getChannelId(), datum);
  } catch (error) {
    throw new RpcError(status.PERMISSION_DENIED, textOf(error));
  }
}
