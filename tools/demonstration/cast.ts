import { join } from 'node:path';
import type { Topology } from '@procurement/network/topology';
import { topology } from '@procurement/network/topologies/procurement';

/** One of the demonstration's people. */
export interface Person {
  readonly name: string;
  readonly mspId: string;
  /** Certificate attributes, `role` among them. */
  readonly attributes: Readonly<Record<string, string>>;
}

type User = Topology['organizations'][number]['users'][number];

/** Everyone who takes part: the users of the topology that are no machines. */
export const PEOPLE: readonly Person[] = topology.organizations.flatMap(({ mspId, users }) =>
  users.filter(isPerson).map(({ name, attributes }) => ({ name, mspId, attributes })),
);

/** Whose key folder `npm start` names, for whoever wants to try the command line. */
export const AUDITOR = 'auditor';

/** The key folder of one of the people. */
export function personFolder(dataFolder: string, name: string): string {
  return join(dataFolder, 'people', name);
}

/**
 * The network as it is started: it makes the keys of its nodes and of its gateways. People make
 * their own, so that no network and no gateway ever holds one.
 */
export function withoutPeople(whole: Topology): Topology {
  const organizations = whole.organizations.map((organization) => ({
    ...organization,
    users: organization.users.filter((user) => !isPerson(user)),
  }));
  return { ...whole, organizations };
}

function isPerson({ attributes }: User): boolean {
  return attributes['role'] !== 'gateway';
}
