import { LIFECYCLE } from '../../state/lifecycle-keys';
import type { TxSimulator } from '../../state/simulator';
import type { OpaqueFields, WritableFields } from './structures';

/** Name of the collection that an organization has without asking. */
export function implicitCollection(mspId: string): string {
  return `_implicit_org_${mspId}`;
}

/** The definitions of a channel, through a simulation. */
export function publicFields(simulator: TxSimulator): WritableFields {
  return {
    get: (key) => simulator.get(LIFECYCLE, key),
    put: (key, value) => {
      simulator.put({ namespace: LIFECYCLE, key }, value);
    },
  };
}

/** The approvals of the peer's own organization, through a simulation. */
export function ownFields(simulator: TxSimulator, mspId: string): WritableFields {
  const place = { namespace: LIFECYCLE, collection: implicitCollection(mspId) };
  return {
    get: (key) => simulator.privateValue({ ...place, key }),
    put: (key, value) => {
      simulator.putPrivate({ ...place, key }, value);
    },
  };
}

/** The approvals of any organization, through a simulation. */
export function opaqueFields(simulator: TxSimulator, mspId: string): OpaqueFields {
  const place = { namespace: LIFECYCLE, collection: implicitCollection(mspId) };
  return { hash: (key) => simulator.privateHash({ ...place, key }) };
}
