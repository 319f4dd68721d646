import { stringify } from 'yaml';
import { composeDocument, composeVariables } from './compose';
import type { Deployment } from './deployment';
import { dnsRewrites, kubernetesObjects, packageIdMap } from './kubernetes';
import type { KubernetesObject } from './kubernetes-objects';
import { secretCommand, secretsOf } from './kubernetes-secrets';

/** A file to write. */
export interface RenderedFile {
  /** Relative to the folder that is rendered into. */
  readonly path: string;
  readonly text: string;
}

/** What a deployment can be rendered for. */
export const targets = ['compose', 'kubernetes'] as const;

/** One of {@link targets}. */
export type Target = (typeof targets)[number];

/** The files of a deployment; equal deployments give equal files. No key is in any of them. */
export function renderFiles(deployment: Deployment, target: Target): readonly RenderedFile[] {
  const configtx = { path: 'configtx.yaml', text: deployment.configtx };
  return [configtx, ...(target === 'compose' ? composeFiles : kubernetesFiles)(deployment)];
}

function composeFiles(deployment: Deployment): RenderedFile[] {
  return [
    { path: 'compose.yaml', text: yaml(composeDocument(deployment)) },
    { path: '.env.example', text: composeVariables(deployment) },
    ...deployment.services.flatMap(({ configuration }) =>
      configuration.map(({ path, text }) => ({ path, text })),
    ),
  ];
}

function kubernetesFiles(deployment: Deployment): RenderedFile[] {
  const objects = kubernetesObjects(deployment);
  const namespaces = [...new Set(objects.map(namespaceOf))];
  return [
    ...namespaces.map((name) => ({
      path: `${name}.yaml`,
      text: objects
        .filter((one) => namespaceOf(one) === name)
        .map(yaml)
        .join('---\n'),
    })),
    { path: 'dns-rewrites.txt', text: dnsRewrites(deployment) },
    ...namespaces.map((name) => ({
      path: `create-secrets-${name}.sh`,
      text: secretsScript(deployment, name),
    })),
  ];
}

function namespaceOf({ kind, metadata }: KubernetesObject): string {
  return (kind === 'Namespace' ? metadata?.name : metadata?.namespace) ?? '';
}

/** Each organization runs its own: nobody else has its keys. */
function secretsScript({ services }: Deployment, organization: string): string {
  const own = services.filter((one) => one.organization === organization);
  const chaincodes = own.filter(({ kind }) => kind === 'chaincode').map(({ label }) => label);
  const packages = [
    `kubectl -n ${organization} create configmap ${packageIdMap}`,
    ...chaincodes.map((name) => `  --from-literal=${name}="$PACKAGE_ID_${shellName(name)}"`),
  ].join(' \\\n');
  return [
    '#!/bin/sh',
    '# Secrets and package ids of one organization; run it where its keys are.',
    'set -eu',
    ': "${ORGANIZATIONS:?the folder with peerOrganizations and ordererOrganizations}"',
    ...chaincodes.map(
      (name) =>
        `: "\${PACKAGE_ID_${shellName(name)}:?the package id that the installation printed}"`,
    ),
    ...own.flatMap((one) => secretsOf(one).map((secret) => secretCommand(organization, secret))),
    ...(chaincodes.length > 0 ? [packages] : []),
    '',
  ].join('\n');
}

function shellName(name: string): string {
  return name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_');
}

function yaml(document: object): string {
  return stringify(document, { aliasDuplicateObjects: false });
}
