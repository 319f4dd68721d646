import { basename, dirname, join } from 'node:path/posix';
import type { DeployedService } from './deployment';

/** A file of a Secret. */
export interface SecretFile {
  /** Key in the Secret; empty where `source` is a folder, each file of which becomes a key. */
  readonly key: string;
  /** Path under the folder `organizations`. */
  readonly source: string;
  /** Path under the mount. */
  readonly path: string;
}

/** A Secret that a pod mounts, read-only. Its content is never part of a manifest. */
export interface MountedSecret {
  readonly name: string;
  readonly mountPath: string;
  readonly files: readonly SecretFile[];
}

/** The Secrets of a service; key material of one mount is one Secret. */
export function secretsOf(service: DeployedService): readonly MountedSecret[] {
  const { kind, label, host } = service;
  const domain = host.slice(host.indexOf('.') + 1);
  const [first, ...rest] = service.material;
  if (!first || kind === 'gateway') return gatewaySecrets(service);
  if (kind === 'chaincode') {
    const mountPath = dirname(first.target);
    const files = service.material.map(({ source }) => fileAt(source, basename(source)));
    return [{ name: `${label}-tls`, mountPath, files }];
  }
  const msp = (path: string): SecretFile => fileAt(join(first.source, 'msp', path), path);
  const node: MountedSecret[] = [
    {
      name: `${label}-msp`,
      mountPath: join(first.target, 'msp'),
      files: [
        msp('config.yaml'),
        msp(`cacerts/ca.${domain}-cert.pem`),
        msp(`tlscacerts/tlsca.${domain}-cert.pem`),
        msp(`signcerts/${host}-cert.pem`),
        msp('keystore/priv_sk'),
      ],
    },
    {
      name: `${label}-tls`,
      mountPath: join(first.target, 'tls'),
      files: ['server.crt', 'server.key', 'ca.crt'].map((file) =>
        fileAt(join(first.source, 'tls', file), file),
      ),
    },
  ];
  if (rest.length === 0) return node;
  const roots = rest.map(({ source, target }) => fileAt(source, basename(target)));
  return [
    ...node,
    { name: `${label}-roots`, mountPath: dirname(rest[0]?.target ?? ''), files: roots },
  ];
}

/** The command with which an operator makes a Secret from the folder `organizations`. */
export function secretCommand(namespace: string, secret: MountedSecret): string {
  const files = secret.files.map(({ key, source }) => {
    const name = key === '' ? '' : `${key}=`;
    return `  --from-file=${name}"$ORGANIZATIONS/${source}"`;
  });
  return [`kubectl -n ${namespace} create secret generic ${secret.name}`, ...files].join(' \\\n');
}

/** A wallet is a whole folder, whose entries only the operator knows. */
function gatewaySecrets({ material }: DeployedService): readonly MountedSecret[] {
  const [wallet, ...roots] = material;
  if (!wallet) return [];
  return [
    {
      name: 'gateway-wallet',
      mountPath: wallet.target,
      files: [{ key: '', source: wallet.source, path: '' }],
    },
    {
      name: 'gateway-roots',
      mountPath: dirname(roots[0]?.target ?? ''),
      files: roots.map(({ source, target }) => fileAt(source, basename(target))),
    },
  ];
}

/** Keys of a Secret have no slashes. */
function fileAt(source: string, path: string): SecretFile {
  return { source, path, key: path.replaceAll('/', '.') };
}
