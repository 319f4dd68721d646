import type { IDeployment } from 'kubernetes-models/apps/v1/Deployment';
import type { IStatefulSet } from 'kubernetes-models/apps/v1/StatefulSet';
import type { INetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy';
import type { IPodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget';
import type { IConfigMap } from 'kubernetes-models/v1/ConfigMap';
import type { INamespace } from 'kubernetes-models/v1/Namespace';
import type { IService } from 'kubernetes-models/v1/Service';
import type { DeployedService } from './deployment';

/** A manifest. */
export type KubernetesObject =
  | IConfigMap
  | IDeployment
  | INamespace
  | INetworkPolicy
  | IPodDisruptionBudget
  | IService
  | IStatefulSet;

const prefix = 'app.kubernetes.io';

/** What every object of a service is called and labelled. */
export function metadataOf(service: DeployedService): {
  name: string;
  namespace: string;
  labels: Record<string, string>;
} {
  return {
    name: service.label,
    namespace: service.organization,
    labels: { ...selectorOf(service), [`${prefix}/part-of`]: 'procurement-ledger' },
  };
}

/** Labels by which the pods of a service are found. */
export function selectorOf({ kind, label }: DeployedService): Record<string, string> {
  return { [`${prefix}/name`]: label, [`${prefix}/component`]: kind };
}

/** Labels by which all pods of a kind are found. */
export function kindSelector(kind: DeployedService['kind']): Record<string, string> {
  return { [`${prefix}/component`]: kind };
}

/** The label that Kubernetes itself gives to a namespace. */
export function namespaceSelector(names: readonly string[]): {
  matchExpressions: { key: string; operator: string; values: string[] }[];
} {
  return {
    matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values: [...names] }],
  };
}
